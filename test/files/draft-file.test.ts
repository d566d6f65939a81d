import { execFileSync, spawnSync } from 'node:child_process';
import {
  chownSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  createDraft,
  removeAbandonedDrafts,
  replaceFile,
  replaceLinked,
} from '../../src/files/draft-file.ts';
import { tempFolder } from '../support/folder.ts';

/** The id of a process that has ended. */
const DEAD = spawnSync(process.execPath, ['--version']).pid;
const RANDOM = '0123456789ab';

test('only drafts of that target whose process is gone are taken away, with what SQLite left', () => {
  const folder = tempFolder();
  const target = join(folder, 'a.db');
  const own = createDraft(target);
  const add = (name: string) => {
    writeFileSync(join(folder, name), '');
    return name;
  };
  const kept = [
    add('a.db'),
    add(`a.db.${process.ppid}.${RANDOM}.carvos-tmp`), // its process lives
    add(`a.db.${process.pid}.${RANDOM}.carvos-tmp`), // of another thread
    add(`aa.db.${DEAD}.${RANDOM}.carvos-tmp`),
    add(`a.db.backup.${DEAD}.${RANDOM}.carvos-tmp`),
    add(`a.db.${DEAD}.${RANDOM}.carvos-tmp.txt`),
    add('a.db-wal'),
  ];
  for (const side of ['', '-journal', '-wal', '-shm']) add(`a.db.${DEAD}.${RANDOM}.carvos-tmp${side}`);
  // In a container each process may have the same id.
  const before = add(`a.db.${process.pid}.ba9876543210.carvos-tmp`);
  utimesSync(join(folder, before), 1_000_000, 1_000_000);
  removeAbandonedDrafts(target);
  expect(readdirSync(folder).sort()).toEqual([...kept, own.path.slice(folder.length + 1)].sort());
  removeAbandonedDrafts(target, 'any');
  own.dispose();
  expect(readdirSync(folder).sort()).toEqual(kept.filter((_, at) => at !== 1 && at !== 2).sort());
  removeAbandonedDrafts(join(folder, 'no', 'such', 'folder.db'));
});

test('a file is replaced whole, with the rights that it is to have', () => {
  const folder = tempFolder({ 'a.txt': 'before' });
  const path = join(folder, 'a.txt');
  replaceFile(path, 'after', 0o640);
  expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual(['after', 0o640]);
  replaceFile(path, 'secret');
  expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual(['secret', 0o600]);
  expect(() => replaceFile(folder, 'no file')).toThrow();
  expect(readdirSync(folder)).toEqual(['a.txt']);
});

test.skipIf(process.platform === 'win32')('a pipe or device is never replaced, named or linked to', () => {
  const folder = tempFolder();
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  symlinkSync(pipe, join(folder, 'link'));
  for (const name of ['pipe', 'link'])
    expect(() => replaceLinked(join(folder, name), 'x')).toThrow('a device or a pipe');
  expect(lstatSync(pipe).isFIFO()).toBe(true);
  expect(readdirSync(folder).sort()).toEqual(['link', 'pipe']);
});

// To root every file is open: most users are not root.
test.skipIf(process.platform === 'win32')(
  'a user who is not root makes files that nobody may write to',
  () => {
    const folder = tempFolder();
    const path = join(folder, 'library');
    const user = process.geteuid!();
    chownSync(folder, user || 1, process.getegid!());
    try {
      process.seteuid!(user || 1);
      for (const content of ['before', 'after']) replaceFile(path, content, 0o500);
      expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual(['after', 0o500]);
    } finally {
      process.seteuid!(user);
    }
  },
);
