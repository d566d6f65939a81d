import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { tempFolder } from '../../support/folder.ts';
import { oddNames } from '../../support/odd-names.ts';
import { spawnProgram } from '../../support/program.ts';

const LIBRARY = fileURLToPath(new URL('../../../dist/index.js', import.meta.url));

/** A user's script: eight receivers whose names are never answered, and one that is `localhost`. */
const SCRIPT = `
import { createServer } from 'node:http';
const { startEmulator } = await import(process.argv[1]);
const receiver = createServer((request, response) => {
  request.resume();
  request.on('end', () => response.end('ok'));
});
await new Promise((resolve) => receiver.listen(0, resolve));
const { port } = receiver.address();
const hosts = [...Array.from({ length: 8 }, (_, n) => 'silent' + n + '.test'), 'localhost'];
const emulator = await startEmulator({
  port: 0, database: process.argv[2], receiverTimeoutMs: 5000,
  ats: hosts.map((host, n) => ({
    id: 'a' + n, name: host, webhookUrl: 'http://' + host + ':' + port + '/hook', apiKey: 'key-' + n,
    incomingSecret: 'in' + n, outgoingSecret: 'out' + n, workspaces: [{ clientId: 'c', name: 'C', members: [] }],
  })),
});
const tests = '/_carvos/v1/ats/ID/test-event';
const outcomes = await Promise.all(hosts.map(async (host, n) => {
  const answer = await fetch(emulator.url + tests.replace('ID', 'a' + n), {
    method: 'POST',
    body: JSON.stringify({ body_base64: Buffer.from(JSON.stringify({
      event: 'candidate.updated', event_id: 'e' + n, reference_id: 'r' + n, client_id: 'c',
    })).toString('base64') }),
    headers: { Authorization: 'Bearer ' + emulator.controlToken, 'Content-Type': 'application/json' },
  });
  const { attempt } = await answer.json();
  return attempt.error?.code ?? attempt.response_status;
}));
console.log(outcomes.join(' '));
await emulator.close();
receiver.close();
receiver.closeAllConnections();
console.log('closed');
`;

test('names that are never answered fail as such, hold up nobody else, and not the end either', async () => {
  if (!existsSync(LIBRARY)) throw new Error('dist/index.js is missing: run npm run build first');
  const { env } = oddNames(tempFolder());
  const file = join(tempFolder(), 'carvos.db');
  const program = spawnProgram(process.execPath, ['--input-type=module', '-e', SCRIPT, LIBRARY, file], {
    env,
  });
  await program.waitForText(/closed\n/);
  expect(program.stdout).toContain(`${'dns_timeout '.repeat(8)}200\n`);
  expect(await program.waitForExit()).toEqual({ code: 0, signal: null });
  expect(program.stderr).toBe('');
});
