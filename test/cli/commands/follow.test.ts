import { expect, test } from 'vitest';
import { candidateCreated, postWebhook, startDelivering, startTestEmulator } from '../../support/emulator.ts';
import { tempFolder } from '../../support/folder.ts';
import { startCarvos } from '../../support/program.ts';
import { freePort, startCuttableProxy, startTestReceiver } from '../../support/receiver.ts';

function startFollow(url: string, token: string) {
  const env = { CARVOS_URL: url, CARVOS_CONTROL_TOKEN: token };
  const follow = startCarvos(['deliveries', '--follow', '--json'], { cwd: tempFolder(), env });
  const ids = () =>
    follow.stdout
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line).id as string);
  return { follow, ids };
}

test('deliveries --follow misses no attempt and prints none twice when it is cut off', async () => {
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

  const { follow, ids } = startFollow(proxy.url, emulator.controlToken);
  await follow.waitUntil(() => follow.stdout.includes('\n'), 'a line');
  const count = () => follow.stdout.split('\n{').length;
  await expect.poll(count).toBe(10);
  await send(5);
  await expect.poll(count).toBe(20);
  proxy.cut();
  await send(50);
  proxy.restore();
  await expect.poll(count).toBe(20 + 100);
  await send(5);
  await expect.poll(count).toBe(30 + 100);
  expect(new Set(ids()).size).toBe(30 + 100);
  expect(follow.stderr).toContain('the connection to the gateway was lost; trying again');
  follow.kill('SIGINT');
  expect((await follow.ended).code).toBe(0);
  expect(follow.stderr.match(/trying again/g)).toHaveLength(1);
});

test('two that follow a gateway print the same in the order of the log, also when it is started again', async () => {
  const receiver = await startTestReceiver();
  const options = {
    port: await freePort(),
    database: `${tempFolder()}/carvos.db`,
    controlToken: 'same-token',
  };
  const start = () => startTestEmulator(options, receiver.url);
  const send = async ({ emulator, control }: Awaited<ReturnType<typeof start>>, count: number) => {
    for (let i = 0; i < count; i++) {
      const { json } = await postWebhook(emulator.url, candidateCreated());
      await control.wait(json.reference_id, { until: 'settled', timeoutMs: 60_000 });
    }
  };
  const first = await start();
  const proxy = await startCuttableProxy(first.emulator.url);
  await send(first, 7);
  const both = [0, 1].map(() => startFollow(proxy.url, options.controlToken));
  for (const { ids } of both) await expect.poll(() => ids().length).toBe(10);
  proxy.cut();
  await first.emulator.close();
  const second = await start();
  // The new one remembers nothing of what was missed: it is read from the log, in more than one page.
  await send(second, 120);
  proxy.restore();
  for (const { ids } of both) await expect.poll(() => ids().length).toBe(250);
  await send(second, 3);
  const log = (await second.control.log({ limit: 1000 })).items.map(({ id }) => id).reverse();
  // Of what was before, the newest ten.
  for (const { ids } of both) await expect.poll(ids).toEqual(log.slice(4));
});
