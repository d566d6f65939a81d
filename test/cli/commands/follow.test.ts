import { connect, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import {
  candidateCreated,
  postWebhook,
  startTestEmulator,
  startTestReceiver,
} from '../../support/emulator.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { startCarvos } from '../run-carvos.ts';

test('deliveries --follow misses no attempt and prints none twice, however long it was cut off', async () => {
  const receiver = await startTestReceiver();
  const { emulator } = await startTestEmulator({}, receiver.url);
  const sockets = new Set<Socket>();
  let down = false;
  const proxy = createServer((socket) => {
    if (down) return void socket.destroy();
    const other = connect(Number(new URL(emulator.url).port), '127.0.0.1');
    for (const one of [socket, other]) {
      sockets.add(one);
      one.on('error', () => {});
    }
    socket.pipe(other).pipe(socket);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });
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
    CARVOS_URL: `http://127.0.0.1:${(proxy.address() as { port: number }).port}`,
    CARVOS_CONTROL_TOKEN: emulator.controlToken,
  };
  const follow = startCarvos(['deliveries', '--follow', '--json'], { cwd: tempFolder(), env });
  await follow.waitFor(/\n/);
  const ids = () =>
    follow
      .stdout()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line).id as string);
  await expect.poll(() => ids().length, { timeout: 10_000 }).toBe(10);
  await send(5);
  await expect.poll(() => ids().length, { timeout: 10_000 }).toBe(20);
  down = true;
  for (const socket of sockets) socket.destroy();
  await send(1500); // 4,500 entries, of which 2,000 are remembered
  down = false;
  await expect.poll(() => ids().length, { timeout: 20_000 }).toBe(20 + 3000);
  await send(5);
  await expect.poll(() => ids().length, { timeout: 10_000 }).toBe(30 + 3000);
  expect(new Set(ids()).size).toBe(30 + 3000);
  follow.child.kill('SIGINT');
  expect((await follow.ended).code).toBe(0);
}, 90_000);
