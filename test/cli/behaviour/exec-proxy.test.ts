import { expect, test } from 'vitest';
import { tempFolder } from '../../support/folder.ts';
import { CARVOS, runCli } from '../../support/program.ts';
import { startRecordingServer } from '../../support/receiver.ts';

test('exec --proxy: what is waited for, deliveries, replays and test events go the same way', async () => {
  // A proxy that answers in the place of every receiver.
  const proxy = await startRecordingServer(() => ({ status: 200 }));
  const carvos = `"${process.execPath}" "${CARVOS}"`;
  const script = [
    `id=$(${carvos} send candidate.created --wait --json | sed 's/.*"deliveries":\\[{"id":"\\([^"]*\\)".*/\\1/')`,
    `${carvos} replay "$id"`,
    `${carvos} trigger application.created`,
  ].join(' && ');
  const target = ['--webhook-url', 'http://10.20.30.40:81/hook', '--wait-for', 'http://10.20.30.40:81/up'];
  const args = ['exec', '--proxy', ...target, '--', 'sh', '-c', script];
  const { code, stderr } = await runCli(args, { cwd: tempFolder(), env: { HTTP_PROXY: proxy.url } });
  expect([code, stderr]).toEqual([0, expect.not.stringContaining('never answered')]);
  expect(proxy.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'GET http://10.20.30.40:81/up',
    ...Array.from({ length: 3 }, () => 'POST http://10.20.30.40:81/hook'),
  ]);
});
