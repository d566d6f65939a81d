import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { serveSocket } from '../../support/receiver.ts';
import { openSender } from '../../support/senders.ts';

const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** A receiver that may do something else than answer a request on a connection that it kept alive. */
async function listen(onKept: (socket: Socket, answer: () => void) => void) {
  const seen = { requests: 0, connections: 0 };
  const { url } = await serveSocket((socket) => {
    seen.connections++;
    let requests = 0;
    socket.on('data', () => {
      seen.requests++;
      const answer = () => void socket.write(ANSWER);
      if (requests++ === 0) answer();
      else onKept(socket, answer);
    });
  });
  const sender = openSender();
  const send = (body?: Uint8Array | Readable, headers?: string[]) =>
    sender.send({ url: `${url}/hook`, ...(body && { body }), ...(headers && { headers }) });
  return { seen, send };
}

/** Linear congruential: the same in every run. */
function draw(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

test('of 2,000 attempts none is lost to a receiver that closes one in five kept connections', async () => {
  const random = draw(1);
  const closed = { reset: 0, ended: 0, afterwards: 0 };
  const { seen, send } = await listen((socket, answer) => {
    const drawn = random() * 15;
    if (drawn < 1) {
      closed.reset++;
      socket.resetAndDestroy();
    } else if (drawn < 2) {
      closed.ended++;
      socket.end();
    } else if (drawn < 3) {
      closed.afterwards++;
      answer();
      setImmediate(() => socket.destroy());
    } else answer();
  });
  const outcomes: string[] = [];
  const work = async (count: number) => {
    for (let n = 0; n < count; n++) {
      const { outcome, error } = await send();
      outcomes.push(error ? `${error.code}: ${error.message}` : outcome);
    }
  };
  await Promise.all(Array.from({ length: 8 }, () => work(250)));
  expect(outcomes.filter((outcome) => outcome !== 'success')).toEqual([]);
  expect(outcomes).toHaveLength(2000);
  for (const count of Object.values(closed)) expect(count).toBeGreaterThan(50);
  // Each was sent again once, and no other.
  expect(seen.requests).toBe(2000 + closed.reset + closed.ended);
});

test('it is sent again once, over a new connection', async () => {
  const { seen, send } = await listen((socket) => socket.destroy());
  expect((await send()).outcome).toBe('success');
  expect((await send()).outcome).toBe('success');
  expect(seen).toEqual({ requests: 3, connections: 2 });
});

test('what has begun to be answered is not sent again', async () => {
  const { seen, send } = await listen((socket) => socket.write('HTTP/1.1 2', () => socket.destroy()));
  await send();
  expect(await send()).toMatchObject({ outcome: 'error', status: null, error: { code: 'reset' } });
  expect(seen.requests).toBe(2);
});

test('an interim answer is one, too', async () => {
  const interim = 'HTTP/1.1 102 Processing\r\n\r\n';
  const { seen, send } = await listen((socket) => socket.write(interim, () => socket.destroy()));
  await send();
  expect(await send()).toMatchObject({ outcome: 'error', error: { code: 'reset' } });
  expect(seen.requests).toBe(2);
});

test('a body that is sent piece by piece is not sent again', async () => {
  const { send } = await listen((socket) => socket.destroy());
  await send();
  const pieces = Readable.from([Buffer.from('{}')], { objectMode: false });
  expect(await send(pieces, ['content-length', '2'])).toMatchObject({ error: { code: 'reset_kept' } });
});
