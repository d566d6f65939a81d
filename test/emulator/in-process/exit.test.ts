import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { tempFolder } from '../../support/folder.ts';
import { spawnProgram } from '../../support/program.ts';

const LIBRARY = fileURLToPath(new URL('../../../dist/index.js', import.meta.url));

/** A user's script: a gateway, one job that takes long, one event that is delivered, then close and nothing else. */
const SCRIPT = `
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
const { startEmulator } = await import(process.argv[1]);
const receiver = createServer((request, response) => {
  request.resume();
  request.on('end', () => response.end('ok'));
});
await new Promise((resolve) => receiver.listen(0, '127.0.0.1', resolve));
const emulator = await startEmulator({
  host: '127.0.0.1', port: 0, allowHosts: [], database: process.argv[2], provisioningLatencyMs: 0,
  unprovisioned: 'reject', receiverTimeoutMs: 5000, speed: 60, fallbackWebhookUrl: null,
  ats: [{
    id: 'a', name: 'A', webhookUrl: 'http://127.0.0.1:' + receiver.address().port, apiKey: 'k',
    incomingSecret: 'in', outgoingSecret: 'out', workspaces: [{ clientId: 'c', name: 'C', members: [] }],
  }],
});
const delivered = new Promise((resolve) => {
  emulator.subscribe((entry) => entry.type === 'attempt.finished' && resolve(entry.record.outcome));
});
async function send(id, email) {
  const body = JSON.stringify({
    event: 'candidate.created', event_id: id, client_id: 'c', user_id: 'u', candidate_id: id,
    first_name: 'J', last_name: 'S', email,
  });
  const t = Math.floor(Date.now() / 1000);
  const v1 = createHmac('sha256', 'in').update(t + '.' + body).digest('hex');
  const answer = await fetch(emulator.url + '/v1/webhooks/a', {
    method: 'POST', body, headers: { 'X-Webhook-Signature': 't=' + t + ',v1=' + v1 },
  });
  return answer.status;
}
console.log(await send('slow', 'j+slow-9m@example.com'), await send('quick', 'j@example.com'), await delivered);
const feed = await fetch(emulator.url + '/_carvos/v1/feed', {
  headers: { Authorization: 'Bearer ' + emulator.controlToken },
});
feed.text().catch(() => {});
await emulator.close();
receiver.close();
receiver.closeAllConnections();
console.log('closed');
`;

test.each([':memory:', 'carvos.db'])('after close nothing keeps the process alive (%s)', async (database) => {
  if (!existsSync(LIBRARY)) throw new Error('dist/index.js is missing: run npm run build first');
  const file = database === ':memory:' ? database : join(tempFolder(), database);
  const program = spawnProgram(process.execPath, ['--input-type=module', '-e', SCRIPT, LIBRARY, file]);
  await program.waitForText(/closed\n/);
  expect(await program.waitForExit()).toEqual({ code: 0, signal: null });
  expect(program.stdout).toContain('202 202 success');
  expect(program.stderr).toBe('');
});
