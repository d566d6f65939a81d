import { expect, onTestFinished, test } from 'vitest';
import { startFeed } from '../../../src/cli/inspect/feed.ts';
import { reduce } from '../../../src/cli/inspect/reducer.ts';
import { gatewaySource, type Source } from '../../../src/cli/inspect/source.ts';
import { initialState } from '../../../src/cli/inspect/state.ts';
import { createStore } from '../../../src/client/view-state.ts';
import type { ClockView } from '../../../src/contract/control.ts';
import { candidateCreated, postWebhook, startDelivering } from '../../support/emulator.ts';

/** The screen's state, fed by a gateway whose receiver fails. It is not read at intervals: as if it were not connected. */
async function openFeed(clock: (read: () => Promise<ClockView>) => Promise<ClockView>) {
  const { emulator, control } = await startDelivering({ respond: () => 500 });
  const store = createStore(initialState(100, 30, Date.now()), reduce);
  const source: Source = { ...gatewaySource(control), clock: () => clock(() => control.clock()) };
  const feed = startFeed(store, source, async () => source);
  onTestFinished(() => feed.stop());
  await expect.poll(() => store.get().connection).toBe('open');
  store.dispatch({ type: 'connection', connection: 'lost' });
  const fail = (id: string) => postWebhook(emulator.url, candidateCreated({ candidate_id: id }));
  const listed = () => store.get().log.records.filter((one) => one.direction === 'outgoing').length;
  return { fail, listed, pending: () => store.get().clock?.pending };
}

test('how many are pending is read again after what arrives, not only at intervals', async () => {
  const { fail, pending } = await openFeed((read) => read());
  await Promise.all(['a', 'b', 'c'].map(fail));
  await expect.poll(pending).toBe(3);
});

test('a read that is pending while a later one is answered shows nothing old', async () => {
  const held: (() => void)[] = [];
  let isHolding = false;
  const { fail, listed, pending } = await openFeed(async (read) => {
    const clock = await read();
    if (isHolding) await new Promise<void>((resolve) => held.push(resolve));
    return clock;
  });
  isHolding = true;
  await fail('a');
  await expect.poll(() => held.length).toBeGreaterThan(0);
  isHolding = false;
  await fail('b');
  await expect.poll(() => [listed(), pending()]).toEqual([2, 2]);
  for (const answer of held) answer();
  await new Promise(setImmediate);
  expect(pending()).toBe(2);
});
