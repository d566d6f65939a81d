import { expect, onTestFinished, test } from 'vitest';
import { startFeed } from '../../../src/cli/inspect/feed.ts';
import { reduce } from '../../../src/cli/inspect/reducer.ts';
import { gatewaySource } from '../../../src/cli/inspect/source.ts';
import { initialState } from '../../../src/cli/inspect/state.ts';
import { createControlClient } from '../../../src/client/control-client.ts';
import { createStore } from '../../../src/client/view-state.ts';
import { freePort } from '../../support/receiver.ts';

test('a gateway that has gone is looked for soon, and then less and less often', async () => {
  const url = `http://127.0.0.1:${await freePort()}`;
  const source = gatewaySource(createControlClient({ url, token: 'x' }));
  const looked = [Date.now()];
  const feed = startFeed(createStore(initialState(100, 30, Date.now()), reduce), source, async () => {
    looked.push(Date.now());
    return source;
  });
  onTestFinished(() => feed.stop());
  await expect.poll(() => looked.length, { timeout: 30_000 }).toBe(4);
  const apart = looked.slice(1).map((at, index) => at - looked[index]!);
  expect(apart[1]).toBeGreaterThan(900);
  expect(apart[2]).toBeGreaterThan(1900);
}, 60_000);
