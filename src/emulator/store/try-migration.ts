import Database from 'better-sqlite3';
import { createDraft } from '../../files/draft-file.ts';
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
  const copy = createDraft(path);
  try {
    db.prepare('VACUUM INTO ?').run(copy.path);
    const trial = new Database(copy.path);
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
    copy.dispose();
  }
}
