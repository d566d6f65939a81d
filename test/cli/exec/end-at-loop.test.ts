import { expect, test } from 'vitest';
import { endAtLoop } from '../../../src/cli/exec/end-at-loop.ts';
import type { FeedEntry } from '../../../src/contract/control.ts';

const jobOf = (reference_id: string, depth: number) =>
  ({ type: 'job.finished', reference_id, echo: { depth, kind: 'candidate', id: 'c-1' } }) as FeedEntry;

test('at the depth that is too deep the command is ended and deliveries are held, once', () => {
  const did: string[] = [];
  let tell = (_entry: FeedEntry) => {};
  const emulator = {
    subscribe(listener: typeof tell) {
      tell = listener;
    },
    // In the order that matters: what is delivered while the command ends would go on with the loop.
    holdDeliveries: () => did.push('hold'),
  };
  const child = {
    async endTree() {
      did.push('end');
      return null;
    },
  };
  const loopOf = endAtLoop(emulator, child, 5);
  tell(jobOf('first', 4));
  expect([loopOf(), did]).toEqual([null, []]);
  for (const name of ['second', 'third']) tell(jobOf(name, 6));
  expect([loopOf(), did]).toEqual(['second', ['hold', 'end']]);
});
