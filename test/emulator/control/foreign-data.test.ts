import { expect, test } from 'vitest';
import { CONTROL_PREFIX } from '../../../src/contract/control.ts';
import { candidateCreated, postWebhook, startDelivering } from '../../support/emulator.ts';

async function start() {
  const { emulator } = await startDelivering();
  const headers = { Authorization: `Bearer ${emulator.controlToken}` };
  const ask = async (path: string) => {
    const response = await fetch(`${emulator.url}${CONTROL_PREFIX}${path}`, { headers });
    return { status: response.status, body: JSON.parse(await response.text()) };
  };
  return { emulator, ask };
}

test('data that looks like a record of the log comes back as it was sent', async () => {
  const { emulator, ask } = await start();
  const like = { delivery_id: 'x', direction: 'outgoing', diagnosis: { direction: { toString: 1 } } };
  const odd = { delivery_id: 'y', direction: { toString: 1 } };
  await postWebhook(emulator.url, candidateCreated({ like, odd }));
  const { body } = await ask('/deliveries/wait?event=candidate.created&timeout_ms=30000');
  expect(body.delivery.data).toMatchObject({ like, odd });
  const missed = await ask('/deliveries/wait?expect=data.odd%3D1&timeout_ms=1');
  expect(missed.status).toBe(200);
  expect(missed.body.closest.checks).toContainEqual({ text: 'data.odd=1', holds: false, actual: odd });
});

test.each([
  ['/deliveries/wait?data.score=42&timeout_ms=1', 'data.score'],
  ['/log?outcomes=failure', 'outcomes'],
  ['/jobs?status=failed', 'status'],
  ['/audit?ats=test-ats', 'ats'],
  ['/assumptions?everything=1', 'everything'],
  ['/references/x/wait?timeout=5', 'timeout'],
])(
  'a query that asks for what is not known is refused, not answered as if it had not asked: %s',
  async (path, name) => {
    const { ask } = await start();
    const { status, body } = await ask(path);
    expect({ status, loc: body.detail[0]?.loc }).toEqual({ status: 422, loc: ['query', name] });
  },
);
