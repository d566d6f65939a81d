import { expect, test } from 'vitest';
import { candidateCreated, postWebhook, startDelivering } from '../../support/emulator.ts';
import { tempFolder } from '../../support/folder.ts';
import { startCarvos } from '../../support/program.ts';
import { startCuttableProxy } from '../../support/receiver.ts';

test('deliveries --follow misses no attempt and prints none twice, however long it was cut off', async () => {
  const { receiver, emulator } = await startDelivering();
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
  const count = () => follow.stdout.split('\n{').length;
  await expect.poll(count).toBe(10);
  await send(5);
  await expect.poll(count).toBe(20);
  proxy.cut();
  await send(800); // 2,400 entries, of which 2,000 are remembered
  proxy.restore();
  await expect.poll(count).toBe(20 + 1600);
  await send(5);
  await expect.poll(count).toBe(30 + 1600);
  expect(new Set(ids()).size).toBe(30 + 1600);
  follow.kill('SIGINT');
  expect((await follow.ended).code).toBe(0);
  expect(follow.stderr.match(/trying again/g)).toHaveLength(1);
});
