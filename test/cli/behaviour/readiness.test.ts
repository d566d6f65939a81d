import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startEmulator } from '../../../src/emulator/index.ts';
import { candidateCreated, postWebhook, testOptions } from '../../support/emulator.ts';
import { tempFolder } from '../../support/folder.ts';
import { startCarvos } from '../../support/program.ts';
import { freePort, serveHttp } from '../../support/receiver.ts';

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
  const cwd = tempFolder();
  // Somebody else's file: whether that gateway is there takes as long as this server likes.
  const answers: ServerResponse[] = [];
  const other = await serveHttp((_request, response) => void answers.push(response));
  const file = join(cwd, '.carvos', 'emulator.json');
  mkdirSync(join(cwd, '.carvos'));
  writeFileSync(file, JSON.stringify({ url: other.url, token: 'other', pid: process.pid, started_at: '' }));
  const port = await freePort();
  const program = startCarvos(['dev', '--port', String(port)], { cwd });
  await expect.poll(() => answers.length).toBe(1);
  const url = `http://127.0.0.1:${port}`;
  expect(await readiness(url)).toEqual([503, 'starting']);
  answers[0]!.writeHead(401).end();
  await expect.poll(async () => (await readiness(url))[0], { interval: 1 }).toBe(200);
  expect(existsSync(file)).toBe(true);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ url, pid: program.pid });
});
