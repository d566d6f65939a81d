// How a snapshot is changed at random: its bytes, its rows, its schema.
import { readFileSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';

const ENDLESS = 'WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) SELECT x FROM r';

const VALUES = [
  null,
  '',
  'x',
  -1,
  0,
  1.5,
  2 ** 31,
  2 ** 53,
  1e308,
  9223372036854775807n,
  -9223372036854775808n,
  Buffer.alloc(0),
  Buffer.from('x'),
  Buffer.from('{"event":"candidate.created"}'),
  'file:///etc/passwd',
  'javascript:alert(1)',
  'http://',
  'http://127.0.0.1:1/',
  'ftp://a.example/x',
  '[]',
  '{}',
  'null',
  '"x"',
  '{"a":',
  '{"__proto__":{"a":1}}',
  `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
  '__proto__',
  '\0',
  'a\r\nX-Other: y',
  '\ud800',
  'x'.repeat(70_000),
  'pending',
  'delivered',
  'queued',
  'incoming',
  'outgoing',
  'rest',
  'workspace.created',
  '9e99',
  'NaN',
];

const SCHEMAS = [
  () => `CREATE VIEW v AS ${ENDLESS}`,
  (t) => `DROP TABLE ${t}; CREATE VIEW ${t} AS ${ENDLESS}`,
  (t) => `CREATE TRIGGER tr AFTER DELETE ON ${t} BEGIN SELECT count(*) FROM (${ENDLESS}); END`,
  (t) => `CREATE TRIGGER tr BEFORE INSERT ON ${t} BEGIN SELECT RAISE(ABORT, 'no'); END`,
  (t) => `DROP TABLE ${t}`,
  (t) => `ALTER TABLE ${t} ADD COLUMN g AS (hex(zeroblob(100000000)))`,
  (t) => `ALTER TABLE ${t} ADD COLUMN c CHECK (c > (SELECT 1))`,
  (t) => `ALTER TABLE ${t} ADD COLUMN c DEFAULT (randomblob(1000))`,
  (t) => `ALTER TABLE ${t} RENAME TO renamed`,
  (t) => `CREATE INDEX i ON ${t} (hex(zeroblob(1000)))`,
  (t) => `CREATE TABLE extra AS SELECT * FROM ${t}`,
  (t) => `CREATE TABLE copy AS SELECT * FROM ${t}; DROP TABLE ${t}; ALTER TABLE copy RENAME TO ${t}`,
  () => 'CREATE VIRTUAL TABLE f USING fts5(a)',
  () => 'CREATE VIRTUAL TABLE f USING rtree(id, a, b)',
  () => 'ANALYZE',
  () => 'PRAGMA auto_vacuum = FULL; VACUUM',
  () => 'PRAGMA page_size = 1024; VACUUM',
  () => 'PRAGMA journal_mode = WAL',
  (t) => `DELETE FROM ${t}`,
  () => "UPDATE sqlite_sequence SET seq = 'x'",
  () => 'UPDATE sqlite_sequence SET seq = 9223372036854775807',
  () => "INSERT INTO sqlite_sequence VALUES ('nothing', 1)",
  (t) => `UPDATE sqlite_schema SET sql = 'CREATE TABLE ${t}(' WHERE name = '${t}'`,
  (t) => `UPDATE sqlite_schema SET sql = replace(sql, 'TEXT', 'BLOB') WHERE name = '${t}'`,
  (t) => `UPDATE sqlite_schema SET type = 'view' WHERE name = '${t}'`,
  (t) => `UPDATE sqlite_schema SET tbl_name = 'meta' WHERE name = '${t}'`,
  (t) => `UPDATE sqlite_schema SET rootpage = 1 + abs(random()) % 40 WHERE name = '${t}'`,
  (t) => `UPDATE sqlite_schema SET sql = NULL WHERE name = '${t}'`,
  (t) => `DELETE FROM sqlite_schema WHERE tbl_name = '${t}' AND type = 'index'`,
];

const VERSIONS = [-1, 0, 1, 2, 3, 4, 99, 2 ** 31 - 1, -(2 ** 31)];

/** @returns what was done, in words; the file holds it. */
export function mutateSnapshot(file, base, choices) {
  const { random, pick, below } = choices;
  const kind = random();
  if (kind < 0.4) {
    const bytes = mutateBytes(Buffer.from(base), pick, below);
    writeFileSync(file, bytes.result);
    return bytes.what;
  }
  writeFileSync(file, base);
  const db = new Database(file);
  try {
    db.unsafeMode(true);
    db.pragma('writable_schema = ON');
    db.pragma('journal_mode = DELETE');
    db.pragma('synchronous = OFF');
    const tables = db
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
      .pluck()
      .all();
    if (kind < 0.75) return mutateRows(db, tables, pick, below);
    if (random() < 0.1) {
      const version = pick(VERSIONS);
      db.pragma(`user_version = ${version}`);
      return `user_version ${version}`;
    }
    const sql = pick(SCHEMAS)(pick(tables));
    attempt(() => db.exec(sql));
    return sql;
  } finally {
    db.close();
  }
}

function mutateRows(db, tables, pick, below) {
  const done = [];
  for (let times = 1 + below(3); times > 0; times--) {
    const table = pick(tables);
    const column = pick(db.pragma(`table_info(${table})`)).name;
    const value = pick(VALUES);
    const key = `${column} = (SELECT ${column} FROM ${table} LIMIT 1 OFFSET ${below(3)})`;
    attempt(() => db.prepare(`UPDATE OR IGNORE ${table} SET "${column}" = ? WHERE ${key}`).run(value));
    done.push(`${table}.${column} = ${String(value).slice(0, 40)}`);
  }
  return done.join(', ');
}

function mutateBytes(bytes, pick, below) {
  const pages = Math.floor(bytes.length / 4096);
  const way = pick([
    'flip',
    'flip',
    'header',
    'page',
    'pointer',
    'pointer',
    'cut',
    'zero',
    'swap',
    'noise',
    'more',
  ]);
  const at = below(bytes.length);
  if (way === 'flip') for (let n = 1 + below(16); n > 0; n--) bytes[below(bytes.length)] = below(256);
  if (way === 'header') bytes[below(100)] = below(256);
  if (way === 'page') bytes[below(pages) * 4096 + below(12)] = below(256);
  if (way === 'pointer') bytes.writeUInt32BE(below(pages + 2), Math.min(at, bytes.length - 4));
  if (way === 'zero') bytes.fill(0, at, Math.min(at + below(5000), bytes.length));
  if (way === 'swap') bytes.copyWithin(below(pages) * 4096, below(pages) * 4096, below(pages) * 4096 + 4096);
  if (way === 'noise') for (let i = at; i < Math.min(at + 500, bytes.length); i++) bytes[i] = below(256);
  if (way === 'cut') return { result: bytes.subarray(0, at), what: `cut at ${at}` };
  if (way === 'more')
    return { result: Buffer.concat([bytes, Buffer.alloc(below(9000), 7)]), what: 'bytes more' };
  return { result: bytes, what: `bytes: ${way} near ${at}` };
}

/** A change that SQLite does not make leaves the snapshot as it is. */
function attempt(change) {
  try {
    change();
  } catch {}
}

/** Snapshots of released versions. */
export function readReleased(root, names) {
  return names.map((name) => readFileSync(`${root}/fixtures/versions/${name}/snapshot.db`));
}
