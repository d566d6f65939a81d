import { join } from 'node:path';
import { expect, test } from 'vitest';
import { asDatabaseError } from '../../../src/emulator/store/database-error.ts';
import { openStore } from '../../../src/emulator/store/open-store.ts';
import { tempFolder } from '../../support/folder.ts';

test('what stands in its place is named, and what to do', () => {
  const folder = tempFolder({ '.carvos': 'a file' });
  const path = join(folder, '.carvos/carvos.db');
  expect(() => openStore(path)).toThrow(
    `${path} cannot be opened: ${folder}/.carvos is no folder. Give another`,
  );
  expect(() => openStore(join(path, 'x.db'))).toThrow(`${path} is no folder`);
  const full = Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
  expect(String(asDatabaseError(full, path))).toContain(
    'disk is full. Make room there, or give another file',
  );
  const denied = { code: 'EACCES', path: folder };
  const error = Object.assign(new Error(`EACCES: permission denied, access '${folder}'`), denied);
  expect(String(asDatabaseError(error, path))).toContain(`: permission denied in ${folder}. Give another`);
});

test('a commit is on disk when it returns: no test can cut the power, so this asks SQLite', () => {
  const store = openStore(join(tempFolder(), 'carvos.db'));
  try {
    expect(store.db.pragma('synchronous', { simple: true })).toBe(2); // FULL
    expect(store.db.pragma('journal_mode', { simple: true })).toBe('wal');
  } finally {
    store.close();
  }
});
