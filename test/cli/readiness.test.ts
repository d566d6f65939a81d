import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startEmulator } from '../../src/emulator/index.ts';
import { CARVOS, makeTempFolder } from '../support/dev-process.ts';
import { candidateCreated, postWebhook, testOptions } from '../support/emulator.ts';
import { spawnProgram } from '../support/spawn-program.ts';
import { freePort } from '../support/tcp-port.ts';

async function readiness(url: string): Promise<[number, string]> {
  const response = await fetch(`${url}/readyz`);
  return [response.status, ((await response.json()) as { status: string }).status];
}

test('until what is waited for at the start is done, nothing is accepted and /readyz says why', async () => {
  const seen: unknown[] = [];
  const emulator = await startEmulator({
    ...testOptions(),
    async onListening({ url, controlToken }) {
      seen.push(await readiness(url), (await postWebhook(url, candidateCreated())).status, controlToken);
    },
  });
  onTestFinished(() => emulator.close());
  expect(seen).toEqual([[503, 'starting'], 503, emulator.controlToken]);
  expect(await readiness(emulator.url)).toEqual([200, 'ready']);
});

test('a start that fails in onListening leaves the port', async () => {
  let place = '';
  const start = startEmulator({
    ...testOptions(),
    onListening({ url }) {
      place = url;
      throw new Error('not now');
    },
  });
  await expect(start).rejects.toThrow('not now');
  await expect(fetch(`${place}/readyz`)).rejects.toThrow();
});

test('dev is ready only when its emulator.json is there', async () => {
  const cwd = makeTempFolder();
  // Somebody else's file: whether that gateway is there takes as long as this server likes.
  const other = createServer();
  const asked = new Promise<ServerResponse>((resolve) => {
    other.on('request', (_request, response) => resolve(response));
  });
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void other.close());
  const file = join(cwd, '.carvos', 'emulator.json');
  mkdirSync(join(cwd, '.carvos'));
  const otherUrl = `http://127.0.0.1:${(other.address() as { port: number }).port}`;
  writeFileSync(file, JSON.stringify({ url: otherUrl, token: 'other', pid: process.pid, started_at: '' }));
  const port = await freePort();
  const program = spawnProgram(process.execPath, [CARVOS, 'dev', '--port', String(port)], { cwd });
  const answer = await asked;
  const url = `http://127.0.0.1:${port}`;
  expect(await readiness(url)).toEqual([503, 'starting']);
  answer.writeHead(401).end();
  await expect.poll(async () => (await readiness(url))[0], { timeout: 10_000, interval: 1 }).toBe(200);
  expect(existsSync(file)).toBe(true);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ url, pid: program.pid });
});
