import { expect, test } from 'vitest';
import { startDemoGateway } from '../../support/demo-gateway.ts';
import { CARVOS, runProgram } from '../../support/program.ts';

test('what was asked before the input ended is answered', async () => {
  const { cwd } = await startDemoGateway();
  const ask = (id: number, name: string) =>
    JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: {} } });
  const { code, stdout } = await runProgram(process.execPath, [CARVOS, 'mcp'], {
    cwd,
    input: `${ask(1, 'status')}\n${ask(2, 'deliveries')}\n`,
  });
  const answers = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect([code, answers.map(({ id }) => id).sort()]).toEqual([0, [1, 2]]);
  for (const { result } of answers)
    expect(JSON.parse(result.content[0].text)).toMatchObject({ exit_code: 0 });
});
