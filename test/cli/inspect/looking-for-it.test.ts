import { expect, onTestFinished, test } from 'vitest';
import { startFeed } from '../../../src/cli/inspect/feed.ts';
import { reduce } from '../../../src/cli/inspect/reducer.ts';
import { gatewaySource } from '../../../src/cli/inspect/source.ts';
import { initialState } from '../../../src/cli/inspect/state.ts';
import { createControlClient } from '../../../src/client/control-client.ts';
import { createStore } from '../../../src/client/view-state.ts';
import { freePort } from '../../support/receiver.ts';

test('a gateway that has gone is looked for soon, and then as rarely as one that never was', async () => {
  const url = `http://127.0.0.1:${await freePort()}`;
  const gone = gatewaySource(createControlClient({ url, token: 'x' }));
  const looked: string[] = [];
  const look = (name: string, source: typeof gone) => {
    const store = createStore(initialState(100, 30, Date.now()), reduce);
    const feed = startFeed(store, source, async () => {
      looked.push(name);
      return source;
    });
    onTestFinished(() => feed.stop());
    return store;
  };
  const screen = look('gone', gone);
  // Its pause has begun: of two timers of one process the shorter that was set first ends first, however busy the machine.
  await expect.poll(() => screen.get().connection).toBe('lost');
  // As with a database that is looked at alone.
  look('never', { ...gone, client: null });
  const count = (name: string) => looked.filter((one) => one === name).length;
  await expect.poll(() => count('never'), { timeout: 60_000 }).toBeGreaterThanOrEqual(2);
  expect(looked[0]).toBe('gone');
  expect(count('gone')).toBeLessThanOrEqual(count('never') + 2);
});
