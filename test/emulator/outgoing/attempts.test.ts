import { expect, onTestFinished, test } from 'vitest';
import { NO_ANSWER } from '../../../src/emulator/delivery/send-attempt.ts';
import { createLiveFeed } from '../../../src/emulator/live-feed.ts';
import { createAttempts } from '../../../src/emulator/outgoing/attempts.ts';
import { nextDueOf } from '../../../src/emulator/store/claims.ts';
import { insertDelivery } from '../../../src/emulator/store/deliveries.ts';
import { openStore } from '../../../src/emulator/store/open-store.ts';
import { createScheduleClock } from '../../../src/emulator/time/schedule-clock.ts';
import { sampleDelivery } from '../../support/sample-delivery.ts';

test('an attempt that was written down is followed by the next one in time, though nobody could be told of it', async () => {
  const store = openStore(':memory:');
  const clock = createScheduleClock(0, 'manual');
  onTestFinished(() => {
    clock.close();
    store.close();
  });
  const errors: unknown[] = [];
  const attempts = createAttempts({
    store,
    clock,
    liveFeed: createLiveFeed(),
    registry: { get: () => undefined },
    replayTls: new Map(),
    onError: (error: unknown) => errors.push(error),
  } as never);
  const trouble = new Error('disk I/O error');
  attempts.watch(() => {
    throw trouble;
  });
  insertDelivery(store, sampleDelivery());
  const [claimed] = await attempts.claim(
    'a',
    () => 0,
    () => 1,
  );
  const due = await attempts.record(claimed!, {
    url: '',
    signature: null,
    logged: '{}',
    startedAt: 0,
    result: NO_ANSWER,
    fault: null,
    beside: false,
  });
  expect([due, nextDueOf(store, 'a'), errors]).toEqual([60_000, 60_000, [trouble]]);
});
