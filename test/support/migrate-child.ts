import Database from 'better-sqlite3';
import { MIGRATIONS } from '../../src/emulator/store/migrations.ts';
import { migrate } from '../../src/emulator/store/open-store.ts';
import { tryMigration } from '../../src/emulator/store/try-migration.ts';

/** Brings a database up to date and kills itself: on the copy, or after the statement numbered so. */

const [file = '', where = ''] = process.argv.slice(2);
const die = () => process.kill(process.pid, 'SIGKILL');
const db = new Database(file);
db.pragma('journal_mode = WAL');
if (where === 'copy') tryMigration(db, file, die);
let statements = 0;
db.function('after_statement', { deterministic: false, directOnly: true }, () => {
  if (String(statements++) === where) die();
  return null;
});
migrate(db, file, MIGRATIONS.map(withCalls));
process.stdout.write(String(statements));

/** Calls the function after each statement. Comments stay: SQLite keeps those inside of a statement. */
function withCalls(sql: string): string {
  return sql.replace(/--[^\n]*|'[^']*'|;/g, (found) =>
    found === ';' ? '; SELECT after_statement();' : found,
  );
}
