import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createControlClient } from '../../../src/client/control-client.ts';
import { serveFeed } from '../../../src/emulator/control/feed.ts';
import { createLiveFeed } from '../../../src/emulator/live-feed.ts';
import { candidateCreated, postWebhook, startDelivering, startTestEmulator } from '../../support/emulator.ts';
import { connectRaw, rawHead } from '../../support/raw-client.ts';
import { serveHttp, startCuttableProxy } from '../../support/receiver.ts';

/** Opens the feed with nothing of ours and collects its text. */
async function openFeed(url: string, token: string, lastEventId?: string) {
  const headers: Record<string, string> = { authorization: `Bearer ${token}` };
  if (lastEventId !== undefined) headers['last-event-id'] = lastEventId;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    httpRequest(`${url}/_carvos/v1/feed`, { headers, agent: false }, resolve).on('error', reject).end();
  });
  let text = '';
  response.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  response.on('error', () => {});
  onTestFinished(() => void response.destroy());
  const events = () =>
    text
      .split('\n\n')
      .slice(0, -1) // what is not whole yet
      .map((block) => Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s, 2))))
      .filter((fields) => fields.data !== undefined);
  return {
    events,
    entries: () => events().filter((fields) => fields.event === undefined),
    close: () => response.destroy(),
  };
}

test('who comes back with Last-Event-ID gets exactly what was missed', async () => {
  const { emulator } = await startTestEmulator();
  const first = await openFeed(emulator.url, emulator.controlToken);
  await postWebhook(emulator.url, candidateCreated());
  await expect.poll(() => first.entries().length).toBeGreaterThanOrEqual(3);
  const seen = first.entries();
  first.close();
  for (let i = 0; i < 20; i++) await postWebhook(emulator.url, candidateCreated());

  const watching = await openFeed(emulator.url, emulator.controlToken);
  const second = await openFeed(emulator.url, emulator.controlToken, seen[0]!.id);
  await expect.poll(() => second.entries().length).toBeGreaterThanOrEqual(62);
  expect(second.events()[0]).toMatchObject({ event: 'hello' });
  const ids = second.entries().map((one) => Number(one.id));
  expect(ids).toEqual(ids.map((_id, index) => Number(seen[0]!.id) + 1 + index));
  expect(second.entries().slice(0, seen.length - 1)).toEqual(seen.slice(1));
  expect(watching.entries().length).toBeLessThan(ids.length);
});

test('what is older than the tail, of another run, or nonsense is a gap', async () => {
  const { emulator } = await startTestEmulator();
  for (const id of ['1', '0', 'soup', '99999999999999999999']) {
    const feed = await openFeed(emulator.url, emulator.controlToken, id);
    await expect.poll(() => feed.events().length).toBeGreaterThan(0);
    expect(feed.events()[0]).toMatchObject({ event: 'gap' });
    feed.close();
  }
});

test('the tail is bounded, and what it holds is without a hole', () => {
  const liveFeed = createLiveFeed();
  const publish = (text: string) => liveFeed.publish(() => ({ type: 'notice', level: 'info', text }));
  const { startsAfter } = liveFeed.follow(null, () => {});
  for (let i = 0; i < 20_000; i++) publish(`n${i}`);
  const newest = startsAfter + 20_000;
  expect(liveFeed.follow(startsAfter, () => {})).toMatchObject({ gap: true });
  const { missed, gap } = liveFeed.follow(newest - 2000, () => {});
  expect(gap).toBe(false);
  expect(missed.map((entry) => entry.seq)).toEqual(Array.from({ length: 2000 }, (_, i) => newest - 1999 + i));
  expect(liveFeed.follow(newest, () => {})).toMatchObject({ gap: false, missed: [] });
  expect(liveFeed.follow(newest + 1, () => {})).toMatchObject({ gap: true });
});

/** A feed alone, with entries so large that 210 of them are more than may wait at once. */
async function serveLargeEntries() {
  const liveFeed = createLiveFeed();
  const serveOne = serveFeed(liveFeed);
  const responses: ServerResponse[] = [];
  const serving = await serveHttp((request, response) => {
    responses.push(response);
    serveOne(request as never, response as never);
  });
  const text = `${'x'.repeat(10_000)}\u202e`;
  const publish = (count: number) => {
    for (let i = 0; i < count; i++) liveFeed.publish(() => ({ type: 'notice', level: 'info', text }));
  };
  return { ...serving, responses, publish, ...liveFeed.follow(null, () => {}) };
}

test('who missed more than may wait at once is told to read the log, once, and gets what comes next', async () => {
  const { url, publish, startsAfter } = await serveLargeEntries();
  publish(250);
  const behind = await openFeed(url, '', String(startsAfter));
  await expect.poll(() => behind.events().length).toBe(1);
  expect(behind.events()).toEqual([{ event: 'gap', id: String(startsAfter + 250), data: '{}' }]);
  publish(1);
  await expect.poll(() => behind.entries()).toMatchObject([{ id: String(startsAfter + 251) }]);

  // What fits comes whole.
  const near = await openFeed(url, '', String(startsAfter + 101));
  await expect.poll(() => near.entries().length).toBe(150);
  expect(near.events()[0]).toMatchObject({ event: 'hello', id: String(startsAfter + 101) });
  // A terminal that shows it as it comes obeys nothing in it.
  expect(near.entries()[0]!.data).toContain('x\\u202e"');
});

test('a reader that falls behind is cut off, and nothing is written for it any more', async () => {
  const { url, publish, responses } = await serveLargeEntries();
  const { socket, closed, received } = connectRaw(url);
  socket.write(rawHead('GET', '/'));
  await expect.poll(received).toContain('event: hello');
  publish(250);
  await closed;
  const [response] = responses;
  await expect.poll(() => response!.closed).toBe(true);
  const write = vi.spyOn(response!, 'write');
  publish(1);
  expect(write).not.toHaveBeenCalled();
});

test('a client that was away for longer than the tail is told to read the log', async () => {
  const { receiver, emulator } = await startDelivering();
  const proxy = await startCuttableProxy(emulator.url);
  const client = createControlClient({ url: proxy.url, token: emulator.controlToken });
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  let gaps = 0;
  let opened = 0;
  const seqs: number[] = [];
  const following = (async () => {
    const options = {
      // How long it is away is a matter of the machine.
      reconnectForMs: Number.POSITIVE_INFINITY,
      onGap: () => {
        gaps++;
      },
      onState: (state: string) => {
        if (state === 'open') opened++;
      },
    };
    for await (const entry of client.feed(stop.signal, options)) seqs.push(entry.seq);
  })();
  await expect.poll(() => opened).toBe(1);
  await postWebhook(emulator.url, candidateCreated());
  // Accepted, job begun, job ended, attempt.
  await expect.poll(() => seqs.length).toBe(4);

  // A short cut: nothing is missed, and nothing comes twice.
  proxy.cut();
  await postWebhook(emulator.url, candidateCreated());
  proxy.restore();
  await expect.poll(() => seqs.length).toBe(8);
  expect(gaps).toBe(0);
  expect(seqs).toEqual(seqs.map((_seq, index) => seqs[0]! + index));

  // A long one: more happened than is remembered.
  proxy.cut();
  for (let i = 0; i < 1050; i += 50) {
    await Promise.all(Array.from({ length: 50 }, () => postWebhook(emulator.url, candidateCreated())));
  }
  await receiver.waitFor(1052);
  proxy.restore();
  await expect.poll(() => gaps).toBe(1);
  stop.abort();
  await following;
});
