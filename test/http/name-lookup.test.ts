import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { postBytes } from '../../src/client/post-bytes.ts';
import { isBeingLookedUp, isLoopbackHost, lookUpName } from '../../src/transport/name-lookup.ts';
import { oddNames } from '../support/odd-names.ts';
import { openSender } from '../support/senders.ts';

// The process that asks takes this environment with it when the first name is looked up.
const folder = mkdtempSync(join(tmpdir(), 'carvos-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const names = oddNames(folder);
Object.assign(process.env, names.env);

const lookUp = (name: string, family: 0 | 4 | 6 = 0) =>
  new Promise((resolve) => {
    lookUpName(name, { all: true, family }, (error, addresses) => resolve(error ? error.code : addresses));
  });

async function listen() {
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => response.end('ok'));
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

const body = Buffer.from('{}');

test('loopback names are both loopback addresses, and nobody is asked', async () => {
  const both = [
    { address: '127.0.0.1', family: 4 },
    { address: '::1', family: 6 },
  ];
  for (const name of ['localhost', 'LOCALHOST', 'localhost.', 'app.localhost'])
    expect(await lookUp(name)).toEqual(both);
  expect(await lookUp('localhost', 6)).toEqual(both.slice(1));
  expect(names.asked()).toEqual([]);
});

test('a name is asked for once however many wait for it, and one that is not answered keeps no other waiting', async () => {
  for (let n = 0; n < 20; n++) void lookUp('silent.test');
  for (let n = 0; n < 8; n++) void lookUp(`silent${n}.test`);
  const here = await Promise.all([lookUp('here.test'), lookUp('here.test')]);
  expect(here).toEqual(Array(2).fill([{ address: '127.0.0.1', family: 4 }]));
  expect(await lookUp('here.test', 6)).toBe('ENOTFOUND');
  expect(await lookUp('gone.test')).toBe('ENOTFOUND');
  expect(names.asked().filter((name) => name === 'silent.test')).toHaveLength(1);
  expect(isBeingLookedUp('silent.test')).toBe(true);
  expect(isBeingLookedUp('here.test')).toBe(false);
});

test('a name that was not resolved is no answer that came too late', async () => {
  const port = await listen();
  const sender = openSender();
  const send = async ([host, timeoutMs]: [string, number]) => {
    const url = `http://${host}:${port}/`;
    const attempt = await sender.send({ url, timeoutMs });
    const posted = await postBytes({ url, body, timeoutMs });
    return [attempt.error?.code ?? attempt.status, posted.ok ? posted.status : posted.code];
  };
  const hosts: [string, number][] = [
    ['silent.test', 1000],
    ['gone.test', 60_000],
    ['again.test', 60_000],
    ['localhost', 60_000],
    ['here.test', 60_000],
  ];
  expect(await Promise.all(hosts.map(send))).toEqual([
    ['dns_timeout', 'dns_timeout'],
    ['dns', 'dns'],
    ['dns_timeout', 'dns_timeout'],
    [200, 200],
    [200, 200],
  ]);
});

test.each([
  [true, ['localhost', 'app.localhost', 'LOCALHOST.', '127.0.0.1', '127.0.0.2', '::1', '[::1]']],
  [false, ['0.0.0.0', '::', '10.0.0.1', 'localhost.example.com', '127.example.com', '1270.0.0.1']],
])('whether a host is this machine alone: %s', (expected, hosts) => {
  expect(hosts.map(isLoopbackHost)).toEqual(hosts.map(() => expected));
});
