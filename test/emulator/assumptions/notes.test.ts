import { expect, onTestFinished, test } from 'vitest';
import { createAssumptionNotes } from '../../../src/emulator/assumptions/notes.ts';
import { openStore } from '../../../src/emulator/store/open-store.ts';

function open() {
  const store = openStore(':memory:');
  onTestFinished(() => store.close());
  const begin = () => {
    const notes = createAssumptionNotes(store, () => {});
    onTestFinished(notes.stop);
    return notes;
  };
  /** No transaction finds room any more until the returned function is called. */
  const fillUp = () => {
    let room = false;
    store.group.accompany(() => {
      if (!room) throw new Error('no room');
    });
    return () => {
      room = true;
    };
  };
  return { store, begin, fillUp };
}

const counts = ({ list }: ReturnType<typeof createAssumptionNotes>) =>
  list().map(({ id, count }) => [id, count]);

test('what is noted is written also where another piece of its group fails', async () => {
  const { store, begin } = open();
  const notes = begin();
  notes.note('log-outcomes');
  const written = notes.write();
  const refused = store.group.submit(() => {
    throw new Error('refused');
  });
  await expect(refused).rejects.toThrow('refused');
  await written;
  expect(counts(begin())).toEqual([['log-outcomes', 1]]);
});

test('what found no room is written with what comes next, and once', async () => {
  const { begin, fillUp } = open();
  const notes = begin();
  notes.note('log-outcomes');
  const makeRoom = fillUp();
  const written = notes.write();
  notes.note('log-outcomes');
  await expect(written).rejects.toThrow('no room');
  expect(counts(begin())).toEqual([]);
  makeRoom();
  await notes.write();
  expect(counts(begin())).toEqual([['log-outcomes', 2]]);
});

test('what found no room goes with the content that it was noted of', async () => {
  const { begin, fillUp } = open();
  const notes = begin();
  notes.note('log-outcomes');
  const makeRoom = fillUp();
  const written = notes.write();
  notes.reload();
  await expect(written).rejects.toThrow('no room');
  makeRoom();
  await notes.write();
  expect(counts(begin())).toEqual([]);
});
