import { expect, test } from 'vitest';
import { createControlClient } from '../../src/client/control-client.ts';
import { ForeignAnswerError } from '../../src/client/errors.ts';
import { createEventStreamParser } from '../../src/client/event-stream.ts';
import { json, serve } from './http-helpers.ts';

const notice = (seq: number, text = `n${seq}`) =>
  `id: ${seq}\ndata: ${JSON.stringify({ seq, at: '2026-11-23T10:00:00Z', type: 'notice', level: 'info', text })}\n\n`;

test('events are put together from chunks that end anywhere, also inside a character', () => {
  const parse = createEventStreamParser();
  const bytes = Buffer.from(': ping\r\n\r\nid: 7\r\ndata: {"a":"é😀"}\r\n\r\ndata: one\ndata: two\n\n');
  const events = [...bytes].flatMap((byte) => parse(Uint8Array.of(byte)));
  expect(events).toEqual([
    { id: '7', event: 'message', data: '{"a":"é😀"}' },
    { id: '7', event: 'message', data: 'one\ntwo' },
  ]);
});

test('a lost feed is opened again after the last entry', async () => {
  const asked: (string | undefined)[] = [];
  const server = await serve((heard, response) => {
    asked.push(heard.headers['last-event-id'] as string | undefined);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    if (asked.length === 1) {
      response.write(notice(1) + notice(2));
      setTimeout(() => response.destroy(), 20);
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

test('`after` is where the feed starts', async () => {
  const server = await serve((_heard, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(notice(42));
  });
  const stop = new AbortController();
  for await (const entry of createControlClient({ url: server.url, token: 't' }).feed(stop.signal, {
    after: 41,
  })) {
    expect(entry.seq).toBe(42);
    stop.abort();
  }
  expect(server.heard[0]?.headers['last-event-id']).toBe('41');
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

test.each([
  ['one line', 'x'],
  ['many lines', 'data: x\n'],
  ['many empty lines', 'data\n'],
])('an event without an end is given up, in %s', (_, filling) => {
  const parse = createEventStreamParser();
  const chunk = Buffer.alloc(1024 * 1024, filling);
  const feedIt = () => {
    for (let count = 0; count < 100; count++) parse(chunk);
  };
  expect(feedIt).toThrow(RangeError);
});
