import { expect, test } from 'vitest';
import { createLimiter } from '../../../src/emulator/processing/ai/limiter.ts';

test('who gives up lets in who waits behind, where the limit is another one by now', async () => {
  const limiter = createLimiter();
  const { signal } = new AbortController();
  const leave = await limiter.enter(1, signal);
  const leaving = new AbortController();
  const given = limiter.enter(1, leaving.signal);
  const behind = limiter.enter(2, signal);
  leaving.abort();
  await expect(given).rejects.toThrow();
  const leaveToo = await behind;
  leave();
  leaveToo();
  leaveToo();
  await limiter.enter(1, signal);
});
