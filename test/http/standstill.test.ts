import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { describe, expect, onTestFinished, test } from 'vitest';
import { loadAts } from '../../src/cli/config/ats.ts';
import { warnOfDiffering } from '../../src/cli/connect/warn-differing.ts';
import { watchReference } from '../../src/cli/connect/watch-reference.ts';
import { callControl } from '../../src/client/http-json.ts';
import { postBytes } from '../../src/client/post-bytes.ts';
import { isListening } from '../../src/transport/is-listening.ts';
import { limitTime } from '../../src/transport/limit-time.ts';
import { AI_SECRET } from '../support/ai-service.ts';
import { startTestEmulator } from '../support/emulator.ts';
import { tempFolder } from '../support/folder.ts';
import { spawnProgram } from '../support/program.ts';
import { serveSocket, startTestReceiver } from '../support/receiver.ts';
import { havePrograms } from '../support/require-program.ts';
import { openSender } from '../support/senders.ts';

const LIMIT_MS = 500;
const STANDSTILL_MS = 1500;

/** Answers on a thread of its own, in time; says first that a request is there. */
const ANSWERS = `
const { parentPort } = require('node:worker_threads');
const server = require('node:http').createServer((request, response) => {
  request.resume().on('end', () => {
    parentPort.postMessage('asked');
    setTimeout(() => response.writeHead(403, { 'content-type': 'application/json' }).end('{"detail":"no"}'), 200);
  });
});
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

/** A server that answers while this process stands still, longer than anybody waits for the answer. */
async function answering(): Promise<URL> {
  const thread = new Worker(ANSWERS, { eval: true });
  onTestFinished(() => void thread.terminate());
  const [port] = await once(thread, 'message');
  thread.on('message', () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STANDSTILL_MS);
  });
  return new URL(`http://127.0.0.1:${port}/`);
}

describe('an answer that came while this process stood still is no timeout', () => {
  test('of a post', async () => {
    const url = await answering();
    expect(await postBytes({ url, body: Buffer.from('{}'), timeoutMs: LIMIT_MS })).toMatchObject({
      status: 403,
    });
  });

  test('of the control API', async () => {
    const target = { url: await answering(), token: 'tok' };
    await expect(callControl(target, 'status', {}, { timeoutMs: LIMIT_MS })).rejects.toMatchObject({
      name: 'ControlError',
      status: 403,
    });
  });

  test('of a gateway that a command asks for its secrets', async () => {
    const { origin } = await answering();
    const said: string[] = [];
    const env = { CARVOS_URL: origin, CARVOS_CONTROL_TOKEN: 'tok', CARVOS_INCOMING_SECRET: 'mine' };
    const io = { cwd: tempFolder(), env, stderr: { write: (text: string) => said.push(text) } } as never;
    const config = loadAts(io, {});
    await warnOfDiffering(io, config, config.ats[0]!, ['incoming_secret']);
    expect(said).toEqual([]);
  });

  test('of the live feed that a command opens', async () => {
    const client = {
      async *feed(_signal: AbortSignal, { onState }: { onState(state: 'open'): void }) {
        // Longer than it is waited for; what was received meanwhile comes behind the timers.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2 * STANDSTILL_MS);
        for (let turn = 0; turn < 2; turn++) await nextTurn();
        onState('open');
        yield {};
      },
    };
    const output = { paint: {}, line() {} };
    expect(await watchReference(client as never, output as never, {} as never)).not.toBeNull();
  });

  test('of a delivery, which does not take so long either', async () => {
    const sender = openSender();
    const { href } = await answering();
    const request = { url: href, headers: [], body: Buffer.from('{}'), timeoutMs: LIMIT_MS };
    const result = await sender.send(request);
    expect(result).toMatchObject({ outcome: 'failure', status: 403, error: null });
    expect(result.durationMs).toBeLessThan(LIMIT_MS);
  });

  test('and of a delivery that began after it nothing is taken off', async () => {
    const quick = await startTestReceiver();
    const { url: deaf } = await serveSocket(() => {});
    const sender = openSender();
    const request = { headers: [], body: Buffer.from('{}'), timeoutMs: null };
    void sender.send({ ...request, url: deaf });
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STANDSTILL_MS);
    const { durationMs } = await sender.send({ ...request, url: quick.url });
    expect(Math.sign(durationMs)).toBe(1);
  });

  test('of an AI service', async () => {
    const { href: url } = await answering();
    const ai = { url, secret: AI_SECRET, timeoutMs: LIMIT_MS };
    const { postAndWait } = await startTestEmulator({ ai }, (await startTestReceiver()).url);
    const { trace } = await postAndWait('settled');
    expect(trace.job).toMatchObject({ state: 'failed', error: { code: 'ai_http_error' } });
  });

  test('and who does not answer is given up all the same', async () => {
    const { url } = await serveSocket(() => {});
    const { promise, resolve } = withResolvers();
    limitTime(LIMIT_MS, resolve);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STANDSTILL_MS);
    await promise;
    const posted = postBytes({ url, body: Buffer.from('{}'), timeoutMs: LIMIT_MS });
    expect(await posted).toMatchObject({ ok: false, code: 'timeout' });
  });
});

/** Listens, takes nothing, and fills its own queue, so that the system lets nobody else in. */
const FULL = `
import socket, time
server = socket.socket()
server.bind(("127.0.0.1", 0))
server.listen(0)
port = server.getsockname()[1]
others = []
try:
    while True: others.append(socket.create_connection(("127.0.0.1", port), timeout=1))
except TimeoutError: print("full", port, flush=True)
time.sleep(600)
`;

import { withResolvers } from '../../src/transport/with-resolvers.ts';

test.skipIf(process.platform !== 'linux' || !havePrograms('a full queue of connections', 'python3'))(
  'a listener that takes no connection now is one, and at localhost has as much time as anywhere',
  async () => {
    const program = spawnProgram('python3', ['-c', FULL]);
    const [, port] = await program.waitForText(/full (\d+)/);
    expect(await isListening(new URL(`http://127.0.0.1:${port}`))).toBe(true);
    const url = `http://localhost:${port}`;
    expect(await isListening(new URL(url))).toBe(true);

    const body = Buffer.from('{}');
    const sender = openSender();
    const attempt = await sender.send({ url, headers: [], body, timeoutMs: 1000 });
    expect(attempt.error?.message).toBe('no connection within 1 s');
    const posted = await postBytes({ url, body, timeoutMs: 1000 });
    expect(!posted.ok && posted.message).toContain('no complete answer within 1000 ms');
  },
);
