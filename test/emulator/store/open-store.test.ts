import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../../../src/emulator/store/open-store.ts';
import { tempFolder } from '../../support/folder.ts';

test('a commit is on disk when it returns: no test can cut the power, so this asks SQLite', () => {
  const store = openStore(join(tempFolder(), 'carvos.db'));
  try {
    expect(store.db.pragma('synchronous', { simple: true })).toBe(2); // FULL
    expect(store.db.pragma('journal_mode', { simple: true })).toBe('wal');
  } finally {
    store.close();
  }
});
