import { existsSync, readdirSync } from 'node:fs';
import { Agent, request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createControlClient } from '../../src/client/control-client.ts';
import { candidateCreated } from '../support/emulator.ts';
import { tempFolder } from '../support/folder.ts';
import { CARVOS, spawnProgram } from '../support/program.ts';
import { startTestReceiver } from '../support/receiver.ts';
import { signLikeTheGuides } from '../support/sign.ts';

const LIMIT = 80;
const canCount = existsSync('/proc/self/fd');
if (!canCount) {
  process.stderr.write('\n!!! SKIPPED: a gateway without file descriptors; this system has no /proc.\n\n');
}

test.skipIf(!canCount)(
  'for want of a file descriptor a delivery waits, and no attempt is used up',
  async () => {
    const folder = tempFolder();
    const receiver = await startTestReceiver();
    const dev = ['dev', '--port', '0', '--webhook-url', receiver.url];
    const program = spawnProgram(
      'sh',
      ['-c', `ulimit -n ${LIMIT}; exec "$0" "$@"`, process.execPath, CARVOS, ...dev],
      { cwd: folder, env: { CARVOS_CONTROL_TOKEN: 'token' } },
    );
    const url = (await program.waitForText(/http:\/\/127\.0\.0\.1:\d+/))[0];
    const control = createControlClient({ url, token: 'token' });
    // The one connection that the event comes over has its descriptor already.
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    await send(url, agent, 'GET', '/healthz');

    const sockets: Socket[] = [];
    onTestFinished(() => void sockets.map((one) => one.destroy()));
    const open = () => readdirSync(`/proc/${program.pid}/fd`).length;
    // A file may be open for a moment only: the table has to be found full many times in a row.
    let full = 0;
    while (full < 20 && sockets.length < 4 * LIMIT) {
      const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => {});
      await new Promise<void>((resolve) => socket.on('connect', resolve).on('close', () => resolve()));
      sockets.push(socket);
      full = open() < LIMIT ? 0 : full + 1;
    }

    const event = JSON.stringify({ ...candidateCreated(), event_id: 'evt-1' });
    const accepted = await send(url, agent, 'POST', '/v1/webhooks/demo-ats', event);
    const { reference_id } = JSON.parse(accepted) as { reference_id: string };
    await program.waitForText(/too many open files\): deliveries wait/);
    // What looks for the reason of a refused signature is read from a file when it is first needed.
    expect(await send(url, agent, 'POST', '/v1/webhooks/demo-ats', event, 'wrong')).toContain('Invalid');
    expect(receiver.received).toEqual([]);
    for (const socket of sockets) socket.destroy();
    // Until the gateway has closed them, it resets new connections.
    const answers = () => control.status().then(Boolean, () => false);
    await expect.poll(answers).toBe(true);
    const { trace } = await control.wait(reference_id, { until: 'settled', timeoutMs: 60_000 });
    expect(trace.deliveries).toMatchObject([{ state: 'delivered', attempt_count: 1 }]);
    expect(trace.deliveries[0]!.attempts.map(({ number, outcome }) => [number, outcome])).toEqual([
      [1, 'success'],
    ]);
  },
);

function send(
  url: string,
  agent: Agent,
  method: string,
  path: string,
  body = '',
  secret = 'demo-incoming-secret',
): Promise<string> {
  const headers = {
    'Content-Type': 'application/json',
    'X-Webhook-Signature': signLikeTheGuides(body, secret),
  };
  return new Promise((resolve, reject) => {
    const sent = httpRequest(url + path, { method, agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve(text));
    });
    sent.on('error', reject).end(body);
  });
}
