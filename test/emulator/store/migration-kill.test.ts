import { execFileSync } from 'node:child_process';
import { copyFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { build } from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';
import { MIGRATIONS } from '../../../src/emulator/store/migrations.ts';
import { openStore } from '../../../src/emulator/store/open-store.ts';
import { findForeignSchema } from '../../../src/emulator/store/schema-shape.ts';
import { sharedFolder, tempFolder } from '../../support/folder.ts';

const folder = sharedFolder();
let child: string;

beforeAll(async () => {
  child = join(folder, 'child.cjs');
  const { resolve } = createRequire(import.meta.url);
  await build({
    entryPoints: [fileURLToPath(new URL('../../support/migrate-child.ts', import.meta.url))],
    bundle: true,
    format: 'cjs',
    platform: 'node',
    outfile: child,
    logLevel: 'error',
    // Outside of the project no package is found by its name.
    alias: { 'better-sqlite3': resolve('better-sqlite3') },
    external: [resolve('better-sqlite3')],
  });
});

/** What ends the process: a signal, or `null` and what it wrote. */
function run(file: string, where: string): { signal: string | null; wrote: string } {
  try {
    return {
      signal: null,
      wrote: execFileSync(process.execPath, [child, file, where], { stdio: 'pipe' }).toString(),
    };
  } catch (error) {
    const { signal, stderr } = error as { signal: string | null; stderr: Buffer };
    if (signal === null) throw new Error(stderr.toString());
    return { signal, wrote: '' };
  }
}

/** A database of the first schema, with an event whose job failed, one that is open and one that is done. */
function firstSchema(file: string): void {
  const db = new Database(file);
  db.exec(MIGRATIONS[0]!);
  db.pragma('user_version = 1');
  db.exec(`
    INSERT INTO meta VALUES ('gateway_id', 'kept');
    INSERT INTO event (reference_id, ats_id, client_id, event, via, body, body_hash, received_at)
      VALUES ('r1', 'a', 'c', 'candidate.created', 'webhook', x'7b7d', x'00', 1),
             ('r2', 'a', 'c', 'candidate.created', 'webhook', x'7b7d', x'00', 1),
             ('r3', 'a', 'c', 'candidate.created', 'webhook', x'7b7d', x'00', 1);
    INSERT INTO job (event_seq, state, error_code) VALUES (1, 'failed', 'ai_error'), (2, 'queued', NULL), (3, 'done', NULL);
  `);
  db.close();
}

const RELEASED = join(import.meta.dirname, '../../../fixtures/versions/0.1.0/carvos.db');

const ORIGINS: [string, (file: string) => void][] = [
  ['nothing', () => {}],
  ['the first schema', firstSchema],
  ['version 0.1.0', (file) => copyFileSync(RELEASED, file)],
];

describe.each(ORIGINS)('a process that is killed while it brings up to date from %s', (_, make) => {
  test('is started again and finds everything', () => {
    const whole = join(tempFolder(), 'carvos.db');
    make(whole);
    const count = Number(run(whole, 'nowhere').wrote);
    expect(count).toBeGreaterThan(0);
    const expected = contentOf(whole);
    // From nothing there are dozens of statements; each seventh is as good as all.
    for (let at = 0; at < count; at += count > 12 ? 7 : 1) {
      const file = join(tempFolder(), 'carvos.db');
      make(file);
      expect(run(file, String(at)).signal).toBe('SIGKILL');
      openStore(file).close();
      expect(contentOf(file)).toEqual(expected);
    }
  }, 120_000);
});

test('a copy that a kill left is gone after the next start', () => {
  const file = join(tempFolder(), 'carvos.db');
  firstSchema(file);
  expect(run(file, 'copy').signal).toBe('SIGKILL');
  const drafts = () => readdirSync(dirname(file)).filter((name) => name.includes('carvos-tmp'));
  expect(drafts()).toHaveLength(1);
  openStore(file).close();
  expect(drafts()).toEqual([]);
  expect(contentOf(file).jobs).toMatchObject([{ applied: 1 }, { applied: 0 }, { applied: 1 }]);
});

test('a database that cannot be brought up to date stays as it is', () => {
  const file = join(tempFolder(), 'carvos.db');
  copyFileSync(RELEASED, file);
  // Says that it lacks less than it does.
  const db = new Database(file);
  db.pragma('user_version = 1');
  db.close();
  expect(() => openStore(file)).toThrow(expect.objectContaining({ code: 'database_unusable' }));
  const after = new Database(file, { readonly: true });
  expect(after.pragma('user_version', { simple: true })).toBe(1);
  after.close();
});

/** What SQLite says of the file, and the rows that the steps touch; starts are counted and told apart by process. */
function contentOf(file: string) {
  const db = new Database(file, { readonly: true });
  try {
    return {
      integrity: db.pragma('integrity_check', { simple: true }),
      version: db.pragma('user_version', { simple: true }),
      foreign: findForeignSchema(db, MIGRATIONS.length),
      jobs: db.prepare('SELECT * FROM job').all(),
      events: db.prepare('SELECT * FROM event').all(),
      log: db.prepare('SELECT * FROM log').all(),
    };
  } finally {
    db.close();
  }
}
