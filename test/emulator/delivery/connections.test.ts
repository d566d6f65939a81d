import { expect, onTestFinished, test } from 'vitest';
import { Connections } from '../../../src/emulator/delivery/connections.ts';
import { serveHttp } from '../../support/receiver.ts';

async function listen() {
  const { server, url } = await serveHttp((_request, response) => response.end('ok'));
  return { server, origin: url };
}

function makeConnections() {
  const connections = new Connections();
  onTestFinished(() => connections.close());
  const use = async ({ client }: ReturnType<Connections['take']>) => {
    const { body } = await client.request({ path: '/', method: 'GET' });
    await body.dump();
  };
  return { connections, use };
}

test('nobody shares one in use; the one given back last is taken first, at its host only', async () => {
  const { origin } = await listen();
  const { connections } = makeConnections();
  const [first, second] = [connections.take(origin), connections.take(origin)];
  expect(first).not.toBe(second);
  connections.giveBack(first);
  connections.giveBack(second);
  expect(connections.take('http://127.0.0.1:9')).not.toBe(second);
  const proxy = new URL('http://127.0.0.1:9');
  expect(connections.take(origin, undefined, proxy)).not.toBe(second);
  expect(connections.take(origin)).toBe(second);
  expect(connections.take(origin)).toBe(first);
});

test('over HTTPS one that was made under other rules is not taken; over HTTP there are none', () => {
  const { connections } = makeConnections();
  const [own, other] = [{ insecure: true }, { insecure: true }];
  for (const [origin, isShared] of [
    ['https://receiver.example', false],
    ['http://receiver.example', true],
  ] as const) {
    const made = connections.take(origin, own);
    connections.giveBack(made);
    for (const tls of [other, undefined]) {
      const taken = connections.take(origin, tls);
      expect(taken === made, origin).toBe(isShared);
      connections.giveBack(taken);
    }
    expect(connections.take(origin, own)).toBe(made);
  }
});

test('each is cut off once: what was dropped, or was open at an end, is not kept', async () => {
  const { connections } = makeConnections();
  const cutOff: string[] = [];
  const make = (name: string) => {
    const made = connections.make('http://127.0.0.1:9');
    const destroy = made.destroy.bind(made);
    made.destroy = () => {
      cutOff.push(name);
      return destroy();
    };
    return made;
  };
  connections.drop(make('dropped'));
  make('open');
  await connections.close();
  make('later');
  await connections.close();
  expect(cutOff).toEqual(['dropped', 'open', 'later']);
});

test('stale is one that was kept and is the same, as long as nothing of an answer came', async () => {
  const { server, origin } = await listen();
  const { connections, use } = makeConnections();
  const made = connections.take(origin);
  expect(made.isStale()).toBe(false);
  await use(made);
  expect(made.isStale()).toBe(false);
  connections.giveBack(made);
  expect(connections.take(origin)).toBe(made);
  expect(made.isStale()).toBe(true);
  await use(made);
  expect(made.isStale()).toBe(false);
  connections.giveBack(made);
  expect(connections.take(origin)).toBe(made);
  // In use it connects again, and what it has then was never kept.
  const connected = new Promise((resolve) =>
    made.client.once('disconnect', () => made.client.once('connect', resolve)),
  );
  server.closeAllConnections();
  const asked = connected.then(() => made.isStale());
  await use(made).catch(() => use(made));
  expect(await asked).toBe(false);
});

test('an idle one whose connection ended is forgotten; one in use connects again', async () => {
  const { server, origin } = await listen();
  const { connections, use } = makeConnections();
  const [idle, busy] = [connections.take(origin), connections.take(origin)];
  await Promise.all([use(idle), use(busy)]);
  connections.giveBack(idle);
  server.closeAllConnections();
  await expect.poll(() => idle.client.destroyed).toBe(true);
  expect(connections.take(origin)).not.toBe(idle);
  await use(busy);
  expect(busy.client.destroyed).toBe(false);
});

test('of several that are idle the one that ended is forgotten', async () => {
  const { origin } = await listen();
  const { connections, use } = makeConnections();
  const [open, ended] = [connections.take(origin), connections.take(origin)];
  await Promise.all([use(open), use(ended)]);
  connections.giveBack(open);
  connections.giveBack(ended);
  await ended.destroy();
  expect(connections.take(origin)).toBe(open);
});

test('what was dropped comes back no more, and nothing is open after the end', async () => {
  const { server, origin } = await listen();
  const { connections, use } = makeConnections();
  const [dropped, kept] = [connections.take(origin), connections.take(origin)];
  await Promise.all([use(dropped), use(kept)]);
  connections.drop(dropped);
  connections.giveBack(dropped);
  connections.giveBack(kept);
  expect(connections.take(origin)).toBe(kept);
  expect(connections.take(origin)).not.toBe(dropped);
  await connections.close();
  expect([kept.client.destroyed, dropped.client.destroyed]).toEqual([true, true]);
  await expect
    .poll(() => new Promise((resolve) => server.getConnections((_error, open) => resolve(open))))
    .toBe(0);
});
