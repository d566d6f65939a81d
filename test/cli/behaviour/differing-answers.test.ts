import { expect, test } from 'vitest';
import { postWebhook } from '../../support/emulator.ts';
import { startTestReceiver } from '../../support/receiver.ts';
import { startRotated } from './rotated-gateway.ts';

/** Of a gateway whose receiver refuses. */
const startRefused = async () => startRotated((await startTestReceiver(() => 401)).url);

test('what waits says it in its JSON, where a 401 is explained', async () => {
  const { says, run } = await startRefused();
  for (const args of [
    ['send', 'candidate.created', '--wait'],
    ['meeting', 'record', '--wait'],
  ]) {
    const { code, stdout } = await run(...args, '--json');
    expect(code).toBe(1);
    const { deliveries } = JSON.parse(stdout);
    expect(deliveries.length).toBeGreaterThan(0);
    for (const { why } of deliveries) expect(why).toContain(says('outgoing'));
  }
});

test.each([[[]], [['--json']]])('deliveries show, replay and report say it of a 401 (%j)', async (json) => {
  const { control, says, run } = await startRefused();
  await run('send', 'candidate.created', '--wait');
  const { items } = await control.log({ direction: 'outgoing' });
  const { id, delivery_id } = items[0]!;
  for (const args of [
    ['deliveries', 'show', delivery_id],
    ['deliveries', 'show', id],
    ['replay', delivery_id],
    ['report', delivery_id],
  ]) {
    const { stdout, stderr } = await run(...args, ...json);
    expect(stderr).toContain(`warning: ${says('outgoing')}`);
    expect(stderr).not.toContain('incoming secret');
    expect(stdout).not.toContain('warning');
  }
});

test('an incoming request that was refused is compared with the incoming secret; one that was taken with nothing', async () => {
  const { emulator, control, says, run } = await startRefused();
  await postWebhook(emulator.url, '{}', { secret: 'neither' });
  await run('send', 'candidate.created');
  const shown = await Promise.all(
    (await control.log({ direction: 'incoming' })).items.map(async ({ id, response_status }) => ({
      response_status,
      stderr: (await run('deliveries', 'show', id)).stderr,
    })),
  );
  expect(shown).toEqual([
    { response_status: 202, stderr: '' },
    { response_status: 401, stderr: expect.stringContaining(`warning: ${says('incoming')}`) },
  ]);
});
