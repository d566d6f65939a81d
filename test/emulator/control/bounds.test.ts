import { setMaxListeners } from 'node:events';
import { expect, onTestFinished, test, vi } from 'vitest';
import { CONTROL_PREFIX } from '../../../src/contract/control.ts';
import { createLiveFeed } from '../../../src/emulator/live-feed.ts';
import { createDeliveryWatch } from '../../../src/emulator/log/delivery-watch.ts';
import { candidateCreated, postWebhook, startTestEmulator } from '../../support/emulator.ts';
import { connectRaw, rawHead } from '../../support/raw-client.ts';

/** Many that ask for the same and read nothing but the head of the answer. */
async function start() {
  const { emulator } = await startTestEmulator();
  const token = { Authorization: `Bearer ${emulator.controlToken}` };
  const ask = (path: string) => {
    const client = connectRaw(emulator.url);
    client.socket.write(rawHead('GET', `${CONTROL_PREFIX}${path}`, token));
    return client;
  };
  const askMany = (count: number, path: string) => Array.from({ length: count }, () => ask(path));
  const status = async (path: string) =>
    (await fetch(`${emulator.url}${CONTROL_PREFIX}${path}`, { headers: token })).status;
  return { emulator, ask, askMany, status };
}

test('one live feed too many is refused with the reason, and there is room when one ends', async () => {
  const { ask, askMany } = await start();
  const feeds = askMany(64, '/feed');
  await expect.poll(() => feeds.every((one) => one.received().includes('connected'))).toBe(true);
  const refused = ask('/feed');
  await expect.poll(refused.received).toMatch(/^HTTP\/1.1 429 .*Too many live feeds are open/s);
  feeds[0]!.socket.destroy();
  await expect
    .poll(async () => {
      const next = ask('/feed');
      await expect.poll(next.received).toMatch(/^HTTP/);
      return next.received();
    })
    .toMatch(/^HTTP\/1.1 200/);
});

test('HEAD of the feed ends, and takes no place', async () => {
  const { emulator, askMany } = await start();
  const headers = { Authorization: `Bearer ${emulator.controlToken}` };
  for (let i = 0; i < 70; i++) {
    const answer = await fetch(`${emulator.url}${CONTROL_PREFIX}/feed`, { method: 'HEAD', headers });
    expect(answer.status).toBe(200);
  }
  const [feed] = askMany(1, '/feed');
  await expect.poll(feed!.received).toMatch(/^HTTP\/1.1 200/);
});

test('one wait too many is refused with the reason, and the others still get their answer', async () => {
  const { emulator, askMany, status } = await start();
  const waits = askMany(256, '/deliveries/wait?event=candidate.created&outcome=pending');
  await expect.poll(() => status('/deliveries/wait?event_id=never&timeout_ms=1')).toBe(429);
  expect(await status('/references/never/wait')).toBe(429);
  expect((await postWebhook(emulator.url, candidateCreated())).status).toBe(202);
  await expect.poll(() => waits.every((one) => one.received().includes('"met":true'))).toBe(true);
  expect(await status('/deliveries/wait?event_id=never&timeout_ms=1')).toBe(200);
});

test('who waits again and again over one connection leaves nothing on it', async () => {
  const { emulator } = await start();
  const warnings: Error[] = [];
  const note = (warning: Error) => warnings.push(warning);
  process.on('warning', note);
  onTestFinished(() => void process.off('warning', note));
  const client = connectRaw(emulator.url);
  const token = { Authorization: `Bearer ${emulator.controlToken}` };
  const head = rawHead('GET', `${CONTROL_PREFIX}/deliveries/wait?event_id=never&timeout_ms=0`, token);
  for (let asked = 1; asked <= 20; asked++) {
    client.socket.write(head);
    await expect.poll(() => client.received().split('"met":false').length, { interval: 5 }).toBe(asked + 1);
  }
  expect(warnings).toEqual([]);
});

test('a change is read once for all who wait', async () => {
  const sql = vi.fn(() => ({ get: () => ({ seq: 1 }), all: () => [] }));
  const liveFeed = createLiveFeed();
  const watch = createDeliveryWatch({ store: { sql }, liveFeed, clock: {} } as never);
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  const criteria = [{ text: 'event_id=a', path: ['event_id'], expected: 'a' }];
  const waits = Array.from({ length: 200 }, () => watch.wait(criteria, 60_000, stop.signal));
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  sql.mockClear();
  liveFeed.touch('ref-1');
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(sql.mock.calls.length).toBeGreaterThan(0);
  expect(sql.mock.calls.length).toBeLessThan(10);
  stop.abort();
  expect(await Promise.all(waits)).toEqual(waits.map(() => null));
});

test('an address that is too long for an id makes no member: no snapshot with it could be restored', async () => {
  const { control } = await startTestEmulator();
  const add = (client_id: string, length: number) =>
    control.addWorkspace({ client_id, admin_email: `${'a'.repeat(length - 10)}@e.example` });
  await expect(add('longer', 256)).rejects.toMatchObject({ status: 422 });
  await add('longest', 255);
});
