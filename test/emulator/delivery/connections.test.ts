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
