import Database from 'better-sqlite3';

/** What somebody may hand over as a snapshot: how a real one is changed, and what the refusal has to say. */
export interface HostileSnapshot {
  name: string;
  change: string | ((db: Database.Database) => void);
  says: RegExp;
}

const ENDLESS = 'WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) SELECT x FROM r';

/** Changes of the schema: what would run, or would not be there. */
export const HOSTILE_SCHEMAS: HostileSnapshot[] = [
  { name: 'a view without end', change: `CREATE VIEW v AS ${ENDLESS}`, says: /view v/ },
  {
    name: 'a view in place of a table',
    change: `DROP TABLE fault; CREATE VIEW fault AS ${ENDLESS}`,
    says: /table fault is missing/,
  },
  {
    name: 'a trigger',
    change: `CREATE TRIGGER t AFTER DELETE ON event BEGIN SELECT count(*) FROM (${ENDLESS}); END`,
    says: /trigger t/,
  },
  {
    name: 'a generated column',
    change: 'ALTER TABLE meta ADD COLUMN g AS (length(hex(zeroblob(100000000))))',
    says: /table meta is not as carvos makes it/,
  },
  {
    name: 'a CHECK',
    change: 'ALTER TABLE ats ADD COLUMN c TEXT CHECK (length(randomblob(1000)) > 0)',
    says: /table ats is not as carvos makes it/,
  },
  {
    name: 'an index over an expression',
    change: 'CREATE INDEX i ON log (length(url || url))',
    says: /index i, which carvos did not make/,
  },
  { name: 'a table more', change: 'CREATE TABLE extra (a)', says: /table extra/ },
  { name: 'a table less', change: 'DROP TABLE upload', says: /upload is missing/ },
  { name: 'another name', change: 'ALTER TABLE ats RENAME COLUMN name TO title', says: /table ats/ },
  { name: 'a version below zero', change: (db) => db.pragma('user_version = -1'), says: /user_version -1/ },
  { name: 'no version', change: (db) => db.pragma('user_version = 0'), says: /user_version 0/ },
  {
    name: 'a schema that was written over',
    change(db) {
      db.unsafeMode(true);
      db.pragma('writable_schema = ON');
      db.exec("UPDATE sqlite_schema SET sql = 'CREATE TABLE fault(' WHERE name = 'fault'");
    },
    says: /SQLite cannot read it|not a snapshot/,
  },
  {
    name: 'two tables on the same pages',
    change(db) {
      db.unsafeMode(true);
      db.pragma('writable_schema = ON');
      db.exec(
        "UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'log') WHERE name = 'event'",
      );
    },
    says: /the file is damaged/,
  },
];

const set = (table: string, column: string, value: string) => `UPDATE ${table} SET ${column} = ${value}`;

/** Changes of rows. The snapshot holds at least one event, delivery, claim, fault and log record. */
export const HOSTILE_ROWS: HostileSnapshot[] = [
  [
    "a target that is no web page's",
    set('delivery', 'target_url', "'file:///etc/passwd'"),
    /table delivery, row 1: target_url must be an http/,
  ],
  [
    'an odd webhook URL',
    set('ats', 'webhook_url', "'://nowhere'"),
    /table ats, row 1: webhook_url must be an http/,
  ],
  ['text for the bytes of an event', set('event', 'body', "'{}'"), /table event, row 1: body must be bytes/],
  [
    'text for the bytes of a delivery',
    set('delivery_body', 'body', "'x'"),
    /table delivery_body, row 1: body must be bytes/,
  ],
  [
    'text for the bytes of an answer',
    set('log', 'response_body', "'x'"),
    /table log, row 1: response_body must be bytes/,
  ],
  [
    'an event that is no JSON',
    set('event', 'body', "x'7b'"),
    /table event, row 1: body must be a JSON object/,
  ],
  [
    'an event of another kind than its row',
    `UPDATE job SET state = 'queued'; ${set('event', 'event', "'vacancy.created'")}`,
    /table event, row 1: body is not such an event: body\.vacancy_id/,
  ],
  [
    'headers that are no JSON',
    set('log', 'request_headers', "'x'"),
    /table log, row 1: request_headers must be JSON/,
  ],
  ['headers that are a list', set('log', 'response_headers', "'[1]'"), /response_headers is JSON, but not/],
  [
    'an entity deeper than anything that is read',
    set('entity', 'data', `'${'{"a":'.repeat(300)}1${'}'.repeat(300)}'`),
    /table entity, row 1: data must be JSON/,
  ],
  [
    'an object where a change has text',
    set('audit', 'details', '\'{"__proto__":{"a":1}}\''),
    /table audit, row 1: details is JSON, but not/,
  ],
  ['a fault that is none', set('fault', 'rule', '\'{"kind":"nothing"}\''), /table fault, row 1: rule/],
  ['a claim that is none', set('claim', 'attempts', "'[1]'"), /table claim, row 1: attempts/],
  ['a time that is none', set('log', 'occurred_at', '9e18'), /table log, row 1: occurred_at/],
  ['text for a number', set('delivery', 'attempt_count', "'many'"), /table delivery, row 1: attempt_count/],
  ['a step beyond the schedule', set('delivery', 'step', '6'), /table delivery, row 1: step/],
  ['a state that there is not', set('job', 'state', "'running'"), /table job, row 1: state/],
  [
    'a line break in a header',
    set('delivery', 'reference_id', "'a' || char(13, 10) || 'b: c'"),
    /table delivery, row 1: reference_id/,
  ],
  [
    'a command as the id of a delivery',
    set('delivery', 'id', "'$(id)' || seq"),
    /table delivery, row 1: id must be an id/,
  ],
  [
    'a command as the delivery of a record',
    set('log', 'delivery_id', "'$(id)' || seq"),
    /table log, row 1: delivery_id must be an id/,
  ],
  ['an empty id', set('workspace', 'client_id', "''"), /table workspace, row 1: client_id/],
  [
    'a schedule that stands nowhere',
    "INSERT OR REPLACE INTO meta VALUES ('schedule_ms', 'NaN')",
    /table meta, row \d+: value of schedule_ms/,
  ],
  ['a start counted beyond numbers', "INSERT OR REPLACE INTO meta VALUES ('boot', '9e99')", /value of boot/],
  ['advances that are none', "INSERT OR REPLACE INTO meta VALUES ('advances', '{}')", /value of advances/],
  [
    'a number that nothing can follow',
    'UPDATE sqlite_sequence SET seq = 9223372036854775807',
    /table sqlite_sequence, row 1: seq/,
  ],
  [
    'a row that nothing can follow',
    'UPDATE delivery SET seq = 9000000000000000000 WHERE seq = 1',
    /table delivery, row \d+: seq/,
  ],
  [
    'a job without its event',
    'DELETE FROM event',
    /table job, event_seq \d+: its row in the table event is missing/,
  ],
  [
    'a delivery without its body',
    'DELETE FROM delivery_body',
    /its row in the table delivery_body is missing/,
  ],
  [
    'an attempt to make that the log has already',
    "UPDATE delivery SET state = 'pending', due = 0, attempt_count = 0",
    /table delivery, seq \d+: the log has more attempts than its attempt_count/,
  ],
  [
    'a log record without a reference',
    set('log', 'reference_id', 'NULL'),
    /table log, row \d+: reference_id is missing/,
  ],
  [
    'a file that is shorter than it says',
    `INSERT INTO upload (id, ats_id, client_id, state, file_name, content_type, size, uploaded_at, expires_at)
       VALUES ('f', 'a', 'c', 'ready', 'x', 'application/pdf', 5, 0, 0);
     INSERT INTO upload_chunk SELECT seq, 0, x'00' FROM upload`,
    /table upload, seq \d+: its size is not that of its chunks/,
  ],
  [
    'a file without its kind',
    "INSERT INTO upload (id, ats_id, client_id, state, file_name) VALUES ('f', 'a', 'c', 'ready', 'x')",
    /table upload, row 1: content_type is missing/,
  ],
].map(([name, change, says]) => ({ name, change, says }) as HostileSnapshot);

/** Makes a change to a snapshot that lies in a file. */
export function changeSnapshot(file: string, { change }: Pick<HostileSnapshot, 'change'>): void {
  const db = new Database(file);
  try {
    if (typeof change === 'string') db.exec(change);
    else change(db);
  } finally {
    db.close();
  }
}

/**
 * A file of 20 pages whose schema has no end: from the first page on each points 200 times to the next, and the
 * last one lists an index that is right as often as it is met. Whoever opens it reads 200 to the power of 17 rows.
 */
export function endlessSchema(): Buffer {
  const PAGE = 4096;
  const DEPTH = 18;
  const WIDTH = 200;
  const legal = new Database(':memory:');
  legal.exec('CREATE TABLE t (a UNIQUE)');
  const pages = [...chunk(legal.serialize(), PAGE)];
  legal.close();
  // The first two rows of the schema are on page 1: they move to a leaf; t and its index keep pages 2 and 3.
  const first = pages[0]!;
  const cellsAt = [first.readUInt16BE(108), first.readUInt16BE(110)];
  const cells = cellsAt.map((at) => first.subarray(at, at + 2 + first[at]!));
  const leafOf = (cell: Buffer) => {
    const page = Buffer.alloc(PAGE);
    cell.copy(page, PAGE - cell.length);
    writeHeader(page, 0, 0x0d, 1, PAGE - cell.length);
    page.writeUInt16BE(PAGE - cell.length, 8);
    return page;
  };
  const interior = (header: number, children: number[]) => {
    const page = Buffer.alloc(PAGE);
    const [right, ...left] = children.toReversed();
    let at = PAGE;
    left.toReversed().forEach((child, index) => {
      at -= 6;
      page.writeUInt32BE(child, at);
      // A key in two bytes, rising.
      page[at + 4] = 0x81 + ((index + 1) >> 7);
      page[at + 5] = (index + 1) & 0x7f;
      page.writeUInt16BE(at, header + 12 + 2 * index);
    });
    writeHeader(page, header, 0x05, left.length, at);
    page.writeUInt32BE(right!, header + 8);
    return page;
  };
  const tableLeaf = 4;
  const indexLeaf = 5;
  const levels = Array.from({ length: DEPTH }, (_, level) => 6 + level);
  const root = interior(100, [tableLeaf, levels[0]!]);
  first.copy(root, 0, 0, 100);
  const below = levels.map((page, level) =>
    interior(0, Array(WIDTH).fill(level === DEPTH - 1 ? indexLeaf : page + 1)),
  );
  const file = Buffer.concat([root, pages[1]!, pages[2]!, leafOf(cells[0]!), leafOf(cells[1]!), ...below]);
  file.writeUInt32BE(file.length / PAGE, 28);
  return file;
}

function writeHeader(page: Buffer, at: number, type: number, cells: number, content: number): void {
  page[at] = type;
  page.writeUInt16BE(cells, at + 3);
  page.writeUInt16BE(content, at + 5);
}

function* chunk(bytes: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield Buffer.from(bytes.subarray(at, at + size));
}
