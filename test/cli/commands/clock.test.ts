import { expect, test } from 'vitest';
import { startDemoGateway } from '../../support/demo-gateway.ts';

test('a move says which attempts it made, and of more than a thousand how many it leaves out', async () => {
  const gateway = await startDemoGateway(() => 500, { speed: 'manual' });
  await Promise.all(Array.from({ length: 251 }, () => gateway.deliver()));
  const clock = async (...args: string[]) => (await gateway.carvos('clock', ...args)).stdout.split('\n');
  // What moves nothing says nothing of attempts.
  expect(await clock('pause')).toEqual([
    expect.stringMatching(/^The clock is paused/),
    ...Array(3).fill(expect.anything()),
  ]);

  const drained = await clock('drain');
  expect(drained[0]).toBe('1004 attempts were made:');
  expect(drained.filter((line) => /500(, exhausted)? {2}dlv_/.test(line))).toHaveLength(1000);
  expect(drained).toContain('  … and 4 more: carvos deliveries');
  expect(gateway.receiver.received).toHaveLength(5 * 251);
  expect((await clock('next'))[0]).toBe('No attempt was due.');
});
