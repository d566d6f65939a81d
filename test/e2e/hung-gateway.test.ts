import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startTestEmulator } from '../support/emulator.ts';
import { tempFolder } from '../support/folder.ts';
import { CARVOS, spawnProgram } from '../support/program.ts';
import { serveHttp, startTestReceiver } from '../support/receiver.ts';
import { havePrograms } from '../support/require-program.ts';
import { openTerminal } from '../support/tmux.ts';

/** Below the 15 seconds that an answer is waited for. */
const AT_ONCE_MS = 14_000;
const SIGNALS = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 143],
] as const;

/** A server that passes everything on to a gateway until it is told to hang: then it accepts, and says nothing. */
async function startHanging(to: string) {
  let hangs = (_call: string): boolean => false;
  const asked: string[] = [];
  const answered: string[] = [];
  const { url, server } = await serveHttp((request, response) => {
    if (hangs(`${request.method} ${request.url}`)) return void asked.push(request.url!);
    response.on('finish', () => answered.push(request.url!));
    const { method, headers } = request;
    const on = httpRequest(`${to}${request.url}`, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    on.on('error', () => response.destroy());
    request.pipe(on);
  });
  return {
    url,
    /** Calls that hang. */
    asked,
    /** Calls whose answers are sent, whole. */
    answered,
    /** From now on, for these calls. */
    hang(calls: (call: string) => boolean = () => true) {
      hangs = calls;
      server.closeAllConnections();
    },
  };
}

async function start(webhookUrl?: string) {
  const { emulator, postAndWait } = await startTestEmulator({}, webhookUrl);
  const server = await startHanging(emulator.url);
  const env = { CARVOS_URL: server.url, CARVOS_CONTROL_TOKEN: emulator.controlToken };
  return { postAndWait, server, env, cwd: tempFolder() };
}

test.each(SIGNALS)('deliveries --follow beside a server that hangs ends at %s', async (signal) => {
  const { server, env, cwd } = await start();
  const follow = (more: string[]) =>
    spawnProgram(process.execPath, [CARVOS, 'deliveries', '--follow', ...more], { cwd, env });
  const before = follow([]);
  await expect.poll(() => server.answered.some((call) => call.includes('/log?'))).toBe(true);
  server.hang();
  await before.waitForText(/was lost/);
  await expect.poll(() => server.asked.length).toBeGreaterThan(0);
  before.kill(signal);
  expect((await before.waitForExit(AT_ONCE_MS)).signal).toBe(null);
  const asked = server.asked.length;
  const fresh = follow(['--json']);
  await expect.poll(() => server.asked.length).toBeGreaterThan(asked);
  fresh.kill(signal);
  expect((await fresh.waitForExit(AT_ONCE_MS)).signal).toBe(null);
});

test.each(SIGNALS)('replay beside a server that hangs ends at %s', async (signal, code) => {
  const receiver = await startTestReceiver();
  const { server, env, cwd, postAndWait } = await start(receiver.url);
  await postAndWait('settled');
  server.hang((call) => call.endsWith('/replay'));
  const args = ['replay', '--event', 'candidate.created', '--yes'];
  const replay = spawnProgram(process.execPath, [CARVOS, ...args], { cwd, env });
  await replay.waitUntil(() => server.asked.length === 1, 'its call');
  replay.kill(signal);
  expect(await replay.waitForExit(AT_ONCE_MS)).toEqual({ code, signal: null });
});

const missing = !havePrograms('how carvos inspect ends beside a server that hangs', 'tmux');
test.skipIf(missing).each([['q', 0] as const, ...SIGNALS])(
  'inspect beside a server that hangs ends at %s',
  async (how, code) => {
    const { server, env, cwd } = await start();
    const words = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const command = `env ${words.join(' ')} "${process.execPath}" "${CARVOS}" inspect`;
    const terminal = openTerminal(cwd, `sh -c 'echo $$ > pid; exec ${command}'; echo "ended $?"`);
    await terminal.waitFor(/No deliveries yet/);
    // The feed is opened again, and tells to read the rest.
    server.hang((call) => !call.endsWith('/feed'));
    await expect.poll(() => server.asked.join()).toMatch(/\/(clock|status)\b/);
    if (how === 'q') terminal.press('q');
    else process.kill(Number(readFileSync(join(cwd, 'pid'), 'utf8')), how);
    await expect.poll(terminal.text, { timeout: AT_ONCE_MS }).toMatch(new RegExp(`^ended ${code}$`, 'm'));
  },
);

test('mcp ends at a signal while a tool waits for a server that hangs', async () => {
  const { server, env, cwd } = await start();
  const mcp = spawnProgram(process.execPath, [CARVOS, 'mcp'], { cwd, env, open: true });
  server.hang();
  const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'status', arguments: {} } };
  mcp.stdin.write(`${JSON.stringify(call)}\n`);
  await expect.poll(() => server.asked.length).toBeGreaterThan(0);
  mcp.kill('SIGTERM');
  expect(await mcp.waitForExit(AT_ONCE_MS)).toEqual({ code: 0, signal: null });
});
