import { statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createRefusedBodies, cutFrom } from '../../../src/emulator/log/refused-bodies.ts';
import { candidateCreated, postWebhook, startTestEmulator } from '../../support/emulator.ts';
import { tempFolder } from '../../support/folder.ts';

const MIB = 1024 * 1024;

test('refused requests do not fill the disk: beyond a share of each minute only their beginning is kept', async () => {
  const database = `${tempFolder()}/carvos.db`;
  const { emulator, control } = await startTestEmulator({ database });
  const event = candidateCreated({ headline: 'x'.repeat(MIB - 1000) });
  for (let i = 0; i < 40; i++) {
    expect((await postWebhook(emulator.url, event, { secret: 'wrong' })).status).toBe(401);
  }
  const { items } = await control.log({ limit: 100 });
  expect(items.length).toBe(40);
  const [newest, oldest] = [items[0]!, items.at(-1)!];
  expect(oldest.error!.message).not.toMatch(/are kept/);
  expect(newest.error).toMatchObject({
    code: 'mismatch',
    message: expect.stringMatching(/only the first 100 of the 10\d{5} bytes of its body are kept, because/),
  });
  const answer = await fetch(`${emulator.url}/_carvos/v1/log/${newest.id}`, {
    headers: { authorization: `Bearer ${emulator.controlToken}` },
  });
  const { body } = ((await answer.json()) as { request: { body: Record<string, unknown> } }).request;
  expect(body).toMatchObject({ truncated: true, bytes: JSON.stringify(event).length });
  expect(body.text).toBe(JSON.stringify(event).slice(0, 100));
  // A diagnosis of half a body would find a mistake that nobody made.
  const asked = await fetch(`${emulator.url}/_carvos/v1/log/${newest.id}/diagnosis`, {
    headers: { authorization: `Bearer ${emulator.controlToken}` },
  });
  expect(asked.status).toBe(400);
  await emulator.close();
  expect(statSync(database).size).toBeLessThan(20 * MIB);
});

test('the share begins anew every minute, and headers and URL count and are cut as well', () => {
  let now = 0;
  const cut = createRefusedBodies(() => now);
  const row = (bytes: number) => ({
    body: Buffer.alloc(bytes),
    error_message: 'wrong',
    signature: 's'.repeat(8000),
    url: `/${'u'.repeat(8000)}`,
    request_headers: JSON.stringify({ 'Content-Type': 'c'.repeat(200) }),
  });
  expect(cutFrom(cut(row(15 * MIB)))).toBeNull();
  const small = cut(row(2 * MIB));
  expect(cutFrom(small)).toBe(2 * MIB);
  expect(Object.values(small).reduce((sum, part) => sum + (part?.length ?? 0), 0)).toBeLessThan(800);
  now = 60_000;
  expect(cutFrom(cut(row(15 * MIB)))).toBeNull();
});
