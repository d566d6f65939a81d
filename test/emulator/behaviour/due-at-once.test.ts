import { expect, test } from 'vitest';
import { formatCountdown } from '../../../src/cli/text/countdown.ts';
import type { ClockView } from '../../../src/contract/control.ts';
import { candidateCreated, postWebhook, startDelivering } from '../../support/emulator.ts';

/** How far off the next attempt is said to be after each, on the wall's clock. */
async function realWaits(speed: 'max' | 'manual', count: number) {
  const { emulator } = await startDelivering({ respond: () => 500, speed });
  const waits: (number | null | undefined)[] = [];
  emulator.subscribe((entry) => {
    if (entry.type === 'attempt.finished') waits.push(entry.record.next_attempt?.in_real_ms);
  });
  await postWebhook(emulator.url, candidateCreated());
  await expect.poll(() => waits.length).toBe(count);
  return waits;
}

test('with max the next attempt is due at once; where the clock stands, nobody knows when', async () => {
  expect(await realWaits('max', 5)).toEqual([0, 0, 0, 0, undefined]);
  expect(await realWaits('manual', 1)).toEqual([null]);
});

test('a countdown says so', () => {
  const clock = { schedule_ms: 0, speed: null, at: 0 } as ClockView & { at: number };
  const next = { due_schedule_ms: 60_000, in_schedule_ms: 60_000 };
  expect(formatCountdown(next, { ...clock, mode: 'max' }, 0)).toBe('1m (at once)');
  expect(formatCountdown(next, { ...clock, mode: 'manual' }, 0)).toBe('1m (‖)');
});
