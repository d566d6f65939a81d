import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { MIGRATIONS } from '../../../src/emulator/store/migrations.ts';
import { migrate } from '../../../src/emulator/store/open-store.ts';
import { findForeignSchema } from '../../../src/emulator/store/schema-shape.ts';

const FILE = fileURLToPath(new URL('../../../src/emulator/store/schema.ts', import.meta.url));

test('the schema of a new database is written down as all steps leave it', async () => {
  const db = new Database(':memory:');
  for (const step of MIGRATIONS) db.exec(step);
  const statements = db
    .prepare<[], string>("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'")
    .pluck()
    .all();
  const [before] = readFileSync(FILE, 'utf8').split('`\n');
  await expect(`${before}\`\n${statements.join(';\n')};\n\`;\n`).toMatchFileSnapshot(FILE);
});

test('a new database is what one would be that took every step', () => {
  const made = new Database(':memory:');
  migrate(made, 'x');
  expect(made.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length);
  expect(findForeignSchema(made, MIGRATIONS.length)).toBeNull();

  const grown = new Database(':memory:');
  for (const step of MIGRATIONS) grown.exec(step);
  const content = (db: Database.Database) =>
    db.prepare('SELECT type, name, tbl_name, sql FROM sqlite_schema').all();
  expect(content(made)).toEqual(content(grown));
});
