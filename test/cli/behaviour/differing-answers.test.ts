import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { postWebhook, startDelivering } from '../../support/emulator.ts';
import { tempFolder } from '../../support/folder.ts';
import { runCli } from '../../support/program.ts';

const print = (secret: string) => `sha256:${createHash('sha256').update(secret).digest('hex').slice(0, 8)}`;

/** A gateway whose receiver refuses, and whose secrets were rotated after the environment was made. */
async function startRotated() {
  const { emulator, control } = await startDelivering({ respond: () => 401, speed: 'max' });
  const before = emulator.env('test-ats');
  const rotate = (credential: 'incoming-secret' | 'outgoing-secret') =>
    control.rotate('test-ats', { credential, overlap_ms: 60_000 });
  const [incoming, outgoing] = [await rotate('incoming-secret'), await rotate('outgoing-secret')];
  const env = { ...before, CARVOS_CONTROL_TOKEN: emulator.controlToken };
  const says = (way: 'incoming' | 'outgoing') => {
    const old = before[`CARVOS_${way.toUpperCase()}_SECRET` as 'CARVOS_INCOMING_SECRET'];
    return `another ${way} secret of test-ats (${print((way === 'incoming' ? incoming : outgoing).value)}) than CARVOS_${way.toUpperCase()}_SECRET (environment) (${print(old)})`;
  };
  const run = (...args: string[]) => runCli(args, { cwd: tempFolder(), env });
  return { emulator, control, says, run };
}

test('what waits says it in its JSON, where a 401 is explained', async () => {
  const { says, run } = await startRotated();
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
  const { control, says, run } = await startRotated();
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
    expect(stderr).toContain(`warning: the gateway has ${says('outgoing')}`);
    expect(stderr).not.toContain('incoming secret');
    expect(stdout).not.toContain('warning');
  }
});

test('an incoming request that was refused is compared with the incoming secret; one that was taken with nothing', async () => {
  const { emulator, control, says, run } = await startRotated();
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
    { response_status: 401, stderr: expect.stringContaining(`warning: the gateway has ${says('incoming')}`) },
  ]);
});
