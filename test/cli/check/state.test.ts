import { describe, expect, test } from 'vitest';
import { CheckReport } from '../../../src/contract/check.ts';
import { startExample } from '../../support/example-receiver.ts';
import { serve as serveWhole, startRecordingServer, unusedUrl } from '../../support/receiver.ts';
import { check, checkJson, hear, serve } from './run-check.ts';

describe('--state', () => {
  test('decides where it changes with events', async () => {
    // Its answers are always the same; only its state tells.
    let events = 0;
    const { url } = await serve((request, response) => {
      if (request.method === 'GET') return void response.end(`{"events":${events}}`);
      events++;
      return void request.resume().on('end', () => response.end('{"status":"received"}'));
    });
    const only = [url, '--only', 'duplicate', '--fail-on', 'recommended'];
    expect((await checkJson(only)).outcome('duplicate')).toBe('passed');
    const { code, details } = await checkJson([...only, '--state', url]);
    expect(code).toBe(1);
    expect(details('duplicate')).toContain('the state changed at the second time');
  });

  test('says so where it does not change, and compares the answers', async () => {
    let count = 0;
    const { url } = await serve((request, response) => {
      if (request.method === 'GET') return void response.end('same');
      return void request.resume().on('end', () => response.end(`{"id":${count++}}`));
    });
    const { outcome, details } = await checkJson([url, '--only', 'duplicate', '--state', url]);
    expect(outcome('duplicate')).toBe('failed');
    expect(details('duplicate')).toContain('the state did not change at the first event either');
  });

  test('an answer that says "duplicate" may differ', async () => {
    const seen = new Set<string>();
    const { url } = await hear(({ body }, response) => {
      const { event_id } = JSON.parse(body.toString());
      response.end(`{"status":"${seen.has(event_id) ? 'duplicate' : 'received'}"}`);
      seen.add(event_id);
    });
    expect((await checkJson([url, '--only', 'duplicate'])).outcome('duplicate')).toBe('passed');
  });

  test('is asked through the proxy of --proxy, as the receiver is', async () => {
    // A proxy that answers in the place of every receiver.
    const proxy = await startRecordingServer(() => ({ status: 200, body: 'same' }));
    const args = [
      'http://10.20.30.40:81/hook',
      '--state',
      'http://10.20.30.40:82/state',
      '--only',
      'duplicate',
    ];
    await check([...args, '--proxy'], { env: { HTTP_PROXY: proxy.url } });
    const asked = new Set(proxy.requests.map(({ method, path }) => `${method} ${path}`));
    expect([...asked].sort()).toEqual(['GET http://10.20.30.40:82/state', 'POST http://10.20.30.40:81/hook']);
  });

  test('a URL without a state is wrong usage', async () => {
    const url = await startExample('python');
    for (const state of [new URL('/nothing', url).href, await unusedUrl()]) {
      const { code, stderr } = await check([url, '--state', state]);
      expect(code).toBe(2);
      expect(stderr).toContain('--state shows no state');
    }
  });
});

describe('the same event several times at once, with --state', () => {
  const COPIES = 5;

  /** Looks first and stores once all copies have looked, under no unique key: each copy counts. */
  async function startCounting(show: (events: string[]) => unknown): Promise<string> {
    const events: string[] = [];
    const looked: (() => void)[] = [];
    const { url } = await serveWhole(({ method, body }, response) => {
      if (method === 'GET') return response.end(JSON.stringify(show(events)));
      const id = String(JSON.parse(body.toString()).event_id);
      const isNew = !events.includes(id);
      looked.push(() => {
        if (isNew) events.push(id);
        response.end('{}');
      });
      // Two come alone, and are stored; then the copies come.
      if (events.length < 2 || looked.length === COPIES) for (const store of looked.splice(0)) store();
    });
    return `${url}/`;
  }

  test.each<[string, (events: string[]) => unknown, RegExp]>([
    ['a number', (events) => events.length, /copies at once counted 5 times/],
    ['a number inside', (events) => ({ version: 7, events: { total: events.length } }), /counted 5 times/],
    ['a list of ids', (events) => events, /counted 5 times/],
    [
      'something else',
      (events) =>
        [...events]
          .reverse()
          .map(() => 'x')
          .join(''),
      /how often an event counts/,
    ],
  ])('%s', async (_name, show, says) => {
    const url = await startCounting(show);
    const { stdout } = await check([url, '--state', url, '--only', 'duplicate-at-once', '--json']);
    const { probes } = CheckReport.parse(JSON.parse(stdout));
    expect(probes.find(({ id }) => id === 'duplicate-at-once')?.details.join()).toMatch(says);
  });
});
