import { expect, test } from 'vitest';
import { serveSocket } from '../../support/receiver.ts';
import { openSender } from '../../support/senders.ts';

const crlf = (...lines: string[]) => lines.join('\r\n');

/** What a receiver writes to each request, and whether it closes then. */
const ANSWERS: Record<string, { bytes: string; closes: boolean; body: string; reused?: boolean }> = {
  'HTTP/1.0 whose end is the end of the connection': {
    bytes: crlf('HTTP/1.0 200 OK', 'Content-Type: text/plain', '', 'received'),
    closes: true,
    body: 'received',
  },
  'HTTP/1.0 with a length': {
    bytes: crlf('HTTP/1.0 200 OK', 'Content-Length: 8', '', 'received'),
    closes: true,
    body: 'received',
  },
  'HTTP/1.0 that keeps the connection': {
    bytes: crlf('HTTP/1.0 200 OK', 'Connection: keep-alive', 'Content-Length: 8', '', 'received'),
    closes: false,
    body: 'received',
    reused: true,
  },
  'Connection: close': {
    bytes: crlf('HTTP/1.1 200 OK', 'Connection: close', 'Content-Length: 8', '', 'received'),
    closes: true,
    body: 'received',
  },
  'Connection: close that does not close': {
    bytes: crlf('HTTP/1.1 200 OK', 'Connection: close', 'Content-Length: 8', '', 'received'),
    closes: false,
    body: 'received',
  },
  'no length, and an end': {
    bytes: crlf('HTTP/1.1 200 OK', '', 'received'),
    closes: true,
    body: 'received',
  },
  chunks: {
    bytes: crlf('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', '', '3', 'rec', '5', 'eived', '0', '', ''),
    closes: false,
    body: 'received',
    reused: true,
  },
  'chunks with extensions and trailers': {
    bytes: crlf(
      ...['HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', 'Trailer: X-Sum', ''],
      ...['8;a=b', 'received', '0', 'X-Sum: 12', '', ''],
    ),
    closes: false,
    body: 'received',
    reused: true,
  },
  'interim answers first': {
    bytes: crlf(
      ...[
        'HTTP/1.1 100 Continue',
        '',
        'HTTP/1.1 102 Processing',
        '',
        'HTTP/1.1 103 Early Hints',
        'Link: <a>',
        '',
      ],
      ...['HTTP/1.1 200 OK', 'Content-Length: 8', '', 'received'],
    ),
    closes: false,
    body: 'received',
    reused: true,
  },
  'no content': { bytes: crlf('HTTP/1.1 204 No Content', '', ''), closes: false, body: '', reused: true },
};

test.each(
  Object.entries(ANSWERS).flatMap(([what, answer]) => [
    [what, 'at once', answer] as const,
    [what, 'byte by byte', answer] as const,
  ]),
)('%s, %s', async (_what, pace, { bytes, closes, body, reused = false }) => {
  let connections = 0;
  const { url } = await serveSocket((socket) => {
    connections++;
    socket.setNoDelay(true);
    socket.on('data', async () => {
      if (pace === 'at once') socket.write(bytes);
      else
        for (const byte of bytes)
          await new Promise<void>((resolve) => void socket.write(byte, () => setImmediate(resolve)));
      if (closes) socket.end();
    });
  });
  const sender = openSender();
  for (let round = 0; round < 3; round++) {
    const result = await sender.send({ url: `${url}/hook` });
    expect(result).toMatchObject({ outcome: 'success', error: null });
    expect(result.body.toString()).toBe(body);
  }
  expect(connections).toBe(reused ? 1 : 3);
});
