import { expect, test } from 'vitest';
import { candidateCreated, postWebhook, startTestEmulator } from '../../support/emulator.ts';
import { tempFolder } from '../../support/folder.ts';
import { startCarvos } from '../../support/program.ts';
import { startCuttableProxy, startTestReceiver } from '../../support/receiver.ts';

test('deliveries --follow misses no attempt and prints none twice, however long it was cut off', async () => {
  const receiver = await startTestReceiver();
  const { emulator } = await startTestEmulator({}, receiver.url);
  const proxy = await startCuttableProxy(emulator.url);
  let sent = 0;
  const send = async (count: number) => {
    for (let i = 0; i < count; i += 50) {
      const some = Math.min(50, count - i);
      await Promise.all(Array.from({ length: some }, () => postWebhook(emulator.url, candidateCreated())));
    }
    sent += count;
    await receiver.waitFor(sent);
  };
  await send(30); // before: only the newest ten records are shown

  const env = {
    CARVOS_URL: proxy.url,
    CARVOS_CONTROL_TOKEN: emulator.controlToken,
  };
  const follow = startCarvos(['deliveries', '--follow', '--json'], { cwd: tempFolder(), env });
  await follow.waitUntil(() => follow.stdout.includes('\n'), 'a line');
  const ids = () =>
    follow.stdout
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line).id as string);
  await expect.poll(() => ids().length).toBe(10);
  await send(5);
  await expect.poll(() => ids().length).toBe(20);
  proxy.cut();
  await send(1500); // 4,500 entries, of which 2,000 are remembered
  proxy.restore();
  await expect.poll(() => ids().length).toBe(20 + 3000);
  await send(5);
  await expect.poll(() => ids().length).toBe(30 + 3000);
  expect(new Set(ids()).size).toBe(30 + 3000);
  follow.kill('SIGINT');
  expect((await follow.ended).code).toBe(0);
});
