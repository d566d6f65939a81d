import { statSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { writeSnapshot } from '../../../src/cli/connect/write-snapshot.ts';
import { tempFolder } from '../../support/folder.ts';

test.each([512, 65_536])('a database with pages of %i bytes is whole', async (pageSize) => {
  const db = new Database(':memory:');
  db.pragma(`page_size = ${pageSize}`);
  db.exec('CREATE TABLE t (a)');
  const bytes = db.serialize();
  db.close();
  const path = join(tempFolder(), 'saved.db');
  const client = { url: 'http://127.0.0.1:1', snapshot: async () => Readable.from([bytes]) };
  await writeSnapshot(client as never, path, { secrets: false });
  expect(statSync(path).size).toBe(2 * pageSize);
});
