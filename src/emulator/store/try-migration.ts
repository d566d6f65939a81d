import { rmSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { MIGRATIONS } from './migrations.ts';
import { findForeignSchema } from './schema-shape.ts';

/**
 * Takes the steps that a database lacks on a copy beside it, so that one which cannot be brought up to date stays as
 * it is, whole, for the version that wrote it.
 *
 * @param migrate what takes the steps.
 * @throws what `migrate` throws, and Error when the outcome is not the present schema.
 */
export function tryMigration(
  db: Database.Database,
  path: string,
  migrate: (db: Database.Database) => void,
): void {
  const copy = copyPath(path);
  forgetTrial(path);
  try {
    writeFileSync(copy, '', { mode: 0o600 });
    db.prepare('VACUUM INTO ?').run(copy);
    const trial = new Database(copy);
    try {
      trial.pragma('journal_mode = MEMORY');
      trial.pragma('synchronous = OFF');
      trial.pragma('trusted_schema = OFF');
      migrate(trial);
      const foreign = findForeignSchema(trial, MIGRATIONS.length);
      if (foreign !== null) throw new Error(foreign);
    } finally {
      trial.close();
    }
  } finally {
    forgetTrial(path);
  }
}

/** Takes away the copy that a kill left behind. */
export function forgetTrial(path: string): void {
  rmSync(copyPath(path), { force: true });
}

function copyPath(path: string): string {
  return `${path}-migrating`;
}
