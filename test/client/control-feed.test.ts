import { expect, test } from 'vitest';
import { createControlClient } from '../../src/client/control-client.ts';
import { ForeignAnswerError } from '../../src/client/errors.ts';
import { json, serve } from '../support/receiver.ts';

const notice = (seq: number, text = `n${seq}`) =>
  `id: ${seq}\ndata: ${JSON.stringify({ seq, at: '2026-11-23T10:00:00Z', type: 'notice', level: 'info', text })}\n\n`;

test('events are put together from chunks that end anywhere, also inside a character', async () => {
  const sent = `: ping\r\n\r\n${notice(7, 'é😀').replaceAll('\n', '\r\n')}${notice(8).replace('{', '{\ndata: ')}`;
  const server = await serve((_heard, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    // Each becomes a chunk of the transfer encoding, which arrives by itself.
    for (const byte of Buffer.from(sent)) response.write(Uint8Array.of(byte));
  });
  const stop = new AbortController();
  const entries: unknown[] = [];
  for await (const entry of createControlClient({ url: server.url, token: 't' }).feed(stop.signal)) {
    entries.push(entry);
    if (entry.seq === 8) stop.abort();
  }
  expect(entries).toMatchObject([
    { seq: 7, text: 'é😀' },
    { seq: 8, text: 'n8' },
  ]);
});

test('an event that never ends is an error, and is not asked for again', async () => {
  let asked = 0;
  const server = await serve((_heard, response) => {
    asked++;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`data: ${'x'.repeat(17 * 1024 * 1024)}`);
  });
  const feed = createControlClient({ url: server.url, token: 't' }).feed(new AbortController().signal);
  await expect(feed[Symbol.asyncIterator]().next()).rejects.toMatchObject({
    name: 'ForeignAnswerError',
    found: 'feed, an event is too long',
  });
  expect(asked).toBe(1);
});

test('a lost feed is opened again after the last entry', async () => {
  const asked: (string | undefined)[] = [];
  const server = await serve((heard, response) => {
    asked.push(heard.headers['last-event-id'] as string | undefined);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    if (asked.length === 1) {
      response.write(notice(1) + notice(2), () => response.destroy());
    } else {
      response.write(notice(3, 'grüße'));
    }
  });
  const stop = new AbortController();
  const states: string[] = [];
  const texts: string[] = [];
  const client = createControlClient({ url: server.url, token: 't' });
  for await (const entry of client.feed(stop.signal, { onState: (state) => states.push(state) })) {
    texts.push(entry.type === 'notice' ? entry.text : '');
    if (entry.seq === 3) stop.abort();
  }
  expect(texts).toEqual(['n1', 'n2', 'grüße']);
  expect(asked).toEqual([undefined, '2']);
  expect(states).toEqual(['open', 'lost', 'open']);
});

test('a feed that is refused says so, and one that stays lost is an error', async () => {
  const refusing = await serve((_heard, response) => json(response, 401, { detail: 'Wrong token' }));
  const stop = new AbortController();
  const first = createControlClient({ url: refusing.url, token: 'bad' }).feed(stop.signal);
  await expect(first[Symbol.asyncIterator]().next()).rejects.toMatchObject({ status: 401 });

  const dying = await serve((_heard, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(notice(1));
  });
  const seen: number[] = [];
  const follow = async () => {
    const client = createControlClient({ url: dying.url, token: 't' });
    for await (const entry of client.feed(stop.signal, { reconnectForMs: 200 })) {
      seen.push(entry.seq);
      await dying.close();
    }
  };
  await expect(follow()).rejects.toMatchObject({ name: 'UnreachableError', code: 'refused' });
  expect(seen).toEqual([1]);
});

test.each([
  ['no JSON', 'data: <html>\n\n', 'not JSON'],
  ['an entry of another kind', 'data: {"seq":1,"at":"x","type":"later"}\n\n', 'feed, type'],
  ['an id that is no number', 'id: x\nevent: gap\ndata: {}\n\n', 'feed, id x'],
])('a feed that no gateway sends ends at once: %s', async (_, text, found) => {
  const server = await serve((_heard, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(text);
  });
  const feed = createControlClient({ url: server.url, token: 't' }).feed(new AbortController().signal);
  const error = await feed[Symbol.asyncIterator]()
    .next()
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ForeignAnswerError);
  expect((error as ForeignAnswerError).found).toContain(found);
  expect(server.heard).toHaveLength(1);
});
