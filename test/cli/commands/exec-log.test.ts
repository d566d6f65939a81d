import { expect, test } from 'vitest';
import { tempFolder } from '../../support/folder.ts';
import { CARVOS, runCli } from '../../support/program.ts';
import { serveHttp } from '../../support/receiver.ts';

const carvos = `'${process.execPath}' '${CARVOS}'`;
const exec = (args: string[], script: string) =>
  runCli(['exec', '--log-on-failure', ...args, '--', 'sh', '-c', script], { cwd: tempFolder() });
const count = (text: string, part: string | RegExp) => text.split(part).length - 1;

test('a request that was refused right before the end is in the log and is counted, with its cause', async () => {
  const { code, stderr } = await exec([], `${carvos} send candidate.created --secret foo >/dev/null; exit 1`);
  expect(code).toBe(1);
  expect(stderr).toMatch(/→ incoming .* 401 .*refused: mismatch {2}\/v1\/webhooks\/demo-ats/);
  // The fingerprint is of demo-incoming-secret.
  expect(stderr).toContain('why: most likely another secret: the fingerprint of ours is sha256:9eba3d10');
  expect(stderr).toContain('CARVOS_INCOMING_SECRET');
  expect(stderr).toContain('carvos: 0 deliveries, 0 failed; 1 request refused;');
});

test('a signature that is too old, refused right before the end, likewise', async () => {
  const script = `${carvos} send candidate.created --fault stale >/dev/null; exit 1`;
  const { stderr } = await exec([], script);
  expect(stderr).toContain('refused: stale');
  expect(stderr).toContain('carvos: 0 deliveries, 0 failed; 1 request refused;');
});

test('what is said of five equal refusals is said once', async () => {
  const script = `for i in 1 2 3 4 5; do ${carvos} send candidate.created --secret foo >/dev/null 2>&1; done; exit 1`;
  const { stderr } = await exec([], script);
  expect(count(stderr, 'refused: mismatch')).toBe(5);
  expect(count(stderr, 'Incoming events are signed with the incoming secret')).toBe(1);
  expect(stderr).toContain('5 requests refused');
});

test.each([
  [401, '401: most likely another secret'],
  [500, '500: the receiver, or what stands before it, failed'],
])(
  'of five attempts that got %i it is said once, and no command is named that asks the gateway',
  async (status, hint) => {
    const serving = await serveHttp((request, response) => {
      request.resume().on('end', () => response.writeHead(status).end());
    });
    const url = `${serving.url}/hook`;
    const script = `${carvos} send candidate.created --wait >/dev/null 2>&1; exit 1`;
    const { stderr } = await exec(['--webhook-url', url], script);
    expect(count(stderr, /attempt \d\/5/)).toBe(5);
    expect(count(stderr, hint)).toBe(1);
    expect(stderr).not.toMatch(/carvos (deliveries|replay|fault|env|dev)\b/);
  },
);
