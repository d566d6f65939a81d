import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tempFolder } from '../../support/folder.ts';
import { runCli } from '../../support/program.ts';
import { freePort } from '../../support/receiver.ts';
import { havePrograms } from '../../support/require-program.ts';

const ATS = join(import.meta.dirname, '../../../fixtures/echoes/ats.py');

async function execAts(mode: string, ...flags: string[]) {
  const port = String(await freePort());
  const args = ['exec', '--webhook-url', port, '--log-on-failure', ...flags, '--', 'python3', ATS, mode];
  return runCli(args, { cwd: tempFolder(), env: { PORT: port } });
}

describe.skipIf(!havePrograms('python3'))('exec, with an ATS in Python', () => {
  test.each(['echo', 'at-once'])('that echoes (%s): told once at depth 2, ended at 10', async (mode) => {
    const { code, stdout, stderr } = await execAts(mode);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr.match(/Echo loop: candidate cand-loop came back twice/g)).toHaveLength(1);
    expect(stderr).toMatch(/echo 2\n/);
    expect(stderr).toContain('carvos: ended at an echo loop');
    const chain = [...stderr.matchAll(/^ +(?:↳ )?(\d+) {2}(candidate\.\w+) {2}[0-9a-f-]{36} /gm)];
    expect(chain.slice(0, 11).map(([, depth, event]) => `${depth} ${event}`)).toEqual([
      '0 candidate.created',
      ...Array.from({ length: 10 }, (_, index) => `${index + 1} candidate.updated`),
    ]);
  });

  test.each(['compare', 'edit'])('that does not echo (%s) is not accused', async (mode) => {
    const { code, stdout, stderr } = await execAts(mode, '--max-echo', '2');
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'quiet\n' });
    expect(stderr).not.toMatch(/echo/i);
  });

  test('--max-echo sets the depth, and --json has the chain', async () => {
    const { code, stderr } = await execAts('echo', '--max-echo', '3', '--json');
    expect(code).toBe(1);
    const { echoes } = JSON.parse(stderr.trim().split('\n').at(-1)!);
    expect(echoes.slice(0, 4).map(({ depth }: { depth: number }) => depth)).toEqual([0, 1, 2, 3]);
  });

  test('--soak ends at it too, though its time is not up, and though the command would pass', async () => {
    const found = await execAts('echo', '--soak', '1h');
    expect(found.code).toBe(1);
    expect(found.stderr).toContain('carvos: ended at an echo loop');
    expect(found.stderr).toMatch(/ 10 {2}candidate\.updated/);
    expect(found.stderr).toContain('the round of seed 1 failed: an echo loop');
    expect(found.stderr).toContain(': 1 round, 1 failed');
    const { code, stderr } = await execAts('at-once', '--soak', '1h', '--max-echo', '3', '--json');
    const { failed, echoes } = JSON.parse(stderr.trim().split('\n').at(-1)!);
    expect([code, failed, echoes.at(3).depth]).toEqual([1, 1, 3]);
  });

  test.each(['0', 'x', '-1', '1.5'])('--max-echo %s is refused', async (value) => {
    const { code, stderr } = await execAts('echo', `--max-echo=${value}`);
    expect(code).toBe(2);
    expect(stderr).toContain(`--max-echo: "${value}" is neither a whole number from 1 on nor off`);
  });
});

describe.skipIf(!havePrograms('python3'))('run, with an ATS in Python that echoes, ends with 1', () => {
  const ats = `exec python3 "${ATS}" echo`;
  test.each([
    ['a command that goes on', `  - run: ${ats}\n    timeout: 10m\n`, []],
    ['a wait', '  - none: { event: vacancy.created, for: 10m }\n', ['--start', ats]],
  ])('in the middle of %s', async (_what, steps, start) => {
    const folder = tempFolder();
    const port = String(await freePort());
    writeFileSync(join(folder, 'flow.yaml'), `steps:\n${steps}`);
    const args = ['run', 'flow.yaml', '--webhook-url', port, ...start];
    const { code, stderr } = await runCli(args, { cwd: folder, env: { PORT: port } });
    expect(stderr).toContain('carvos: ended at an echo loop');
    expect(stderr).toMatch(/ 10 {2}candidate\.updated/);
    expect(code).toBe(1);
  });
});
