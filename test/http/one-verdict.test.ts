import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { excerptAnswer } from '../../src/client/check/judge.ts';
import { isAccepted, postBytes } from '../../src/client/post-bytes.ts';
import { serveSocket } from '../support/receiver.ts';
import { openSender } from '../support/senders.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';

const endless = (socket: Socket) => {
  socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
  const piece = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
  const more = () => {
    while (!socket.destroyed && socket.write(piece));
  };
  socket.on('drain', more);
  more();
};
/** Every byte comes in time. */
const drip = (head: string) => (socket: Socket) => {
  socket.write(head);
  const timer = setInterval(() => socket.write('.'), 20);
  socket.on('close', () => clearInterval(timer));
};
const flood = (socket: Socket) => {
  const more = () => {
    while (!socket.destroyed && socket.write('HTTP/1.1 102 Processing\r\n\r\n'.repeat(100)));
  };
  socket.on('drain', more);
  more();
};

test.each<[string, string | ((socket: Socket) => void), number | string]>([
  ['100 before 200', `${CONTINUE}${OK}`, 200],
  ['hints and 100 before 200', `HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${CONTINUE}${CONTINUE}${OK}`, 200],
  [
    'a body that looks like 100',
    `HTTP/1.1 200 OK\r\nContent-Length: ${CONTINUE.length}\r\n\r\n${CONTINUE}`,
    200,
  ],
  ['a redirect, which is not followed', 'HTTP/1.1 302 X\r\nLocation: /\r\nContent-Length: 0\r\n\r\n', 302],
  ['a reset', (socket) => void socket.resetAndDestroy(), 'reset'],
  ['an end', (socket) => socket.end(), 'reset'],
  ['only 100', (socket) => socket.end(CONTINUE), 'reset'],
  ['101', 'HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n', 'reset'],
  ['1xx without end', flood, 'timeout'],
  ['a head that drips', drip('HTTP/1.1 200 OK\r\nX-Slow: '), 'timeout'],
  ['a body that drips', drip('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n'), 'timeout'],
  ['a body without end', endless, 'answer_too_large'],
  ['204 with a length', 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n', 204],
  ['204 with a body', 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello', 204],
  ['304 with a length', 'HTTP/1.1 304 X\r\nContent-Length: 5\r\n\r\n', 304],
  ['a long body', `HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n${'x'.repeat(2_000_000)}`, 200],
  ['a body cut off', (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok'), 'reset'],
  ['a head cut off', (socket) => socket.end('HTTP/1.1 200 O'), 'reset'],
  ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok', 'wrong_length'],
  ['a large head', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`, 'headers_too_large'],
  ['no HTTP', (socket) => socket.end('SSH-2.0-OpenSSH\r\n'), 'not_http'],
  ['an alert of TLS', (socket) => socket.end(Buffer.from([0x15, 3, 1, 0, 2, 2, 70])), 'tls_at_http'],
  ['line feeds alone', 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok', 'broken_http'],
  [
    'both lengths',
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\nok\r\n0\r\n\r\n`,
    'broken_http',
  ],
  ['a folded header', 'HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\nok', 'broken_http'],
  ['a broken chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nok\r\n', 'broken_http'],
  ['another version', 'HTTP/2 200\r\nContent-Length: 2\r\n\r\nok', 'broken_http'],
  ['until it closes', (socket) => socket.end('HTTP/1.0 200 OK\r\n\r\nok'), 200],
  ['silence', () => {}, 'timeout'],
])('gateway and commands judge alike: %s', async (name, answer, expected) => {
  const { url } = await serveSocket((socket) => {
    socket.once('data', () => (typeof answer === 'string' ? socket.write(answer) : answer(socket)));
  });
  const timeoutMs = expected === 'timeout' ? 300 : 20_000;
  const body = Buffer.from('{}');
  const sender = openSender();

  const attempt = await sender.send({ url, timeoutMs });
  expect(attempt.error?.code ?? attempt.status).toBe(expected);
  const posted = await postBytes({ url, body, timeoutMs });
  expect(posted.ok ? posted.status : posted.code, excerptAnswer(posted)).toBe(expected);
  if (!posted.ok && expected !== 'timeout' && name !== '101')
    expect(posted.message).toContain(attempt.error?.message);
  expect(isAccepted(posted)).toBe(attempt.outcome === 'success');
});

test('interim answers are left out also where they come in pieces, and on a connection that is used again', async () => {
  const { url } = await serveSocket((socket) => {
    socket.setNoDelay(true);
    socket.on('data', async () => {
      for (const byte of `${CONTINUE}${OK}`)
        await new Promise<void>((resolve) => socket.write(byte, () => resolve()));
    });
  });
  const sender = openSender();
  for (let n = 0; n < 3; n++) {
    const result = await sender.send({ url, timeoutMs: null });
    expect(result).toMatchObject({ outcome: 'success', status: 200, bytes: 2 });
  }
});
