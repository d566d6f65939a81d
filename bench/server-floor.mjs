// What a 202 cannot do without, for comparison. argv: `http` reads the body and answers; `checked` verifies the
// signature and parses too; `stored DATABASE` also puts it into one table, where it is on disk before the answer.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { fdatasync, openSync } from 'node:fs';
import { createServer } from 'node:http';
import Database from 'better-sqlite3';
import { SECRET } from './support.mjs';

const [level, file] = process.argv.slice(2);
const store = level === 'stored' ? createGroupCommit(file) : null;
let count = 0;

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
    if (level !== 'http') {
      const [t, v1] = request.headers['x-webhook-signature'].split(',').map((part) => part.split('=')[1]);
      const expected = createHmac('sha256', SECRET).update(`${t}.`).update(body).digest('hex');
      if (!timingSafeEqual(Buffer.from(expected), Buffer.from(v1))) return response.writeHead(401).end();
      JSON.parse(body.toString());
    }
    const id = `r-${count++}`;
    if (store) store(id, body, () => answer(response, id));
    else answer(response, id);
  });
});
server.listen(0, '127.0.0.1', () => process.send({ url: `http://127.0.0.1:${server.address().port}` }));

function answer(response, id) {
  const text = JSON.stringify({ reference_id: id });
  response.writeHead(202, { 'Content-Type': 'application/json', 'Content-Length': text.length }).end(text);
}

/** As the gateway does it: a transaction for each turn of the event loop, a flush for those that were committed meanwhile. */
function createGroupCommit(path) {
  const db = new Database(path);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = NORMAL');
  db.pragma('wal_autocheckpoint = 10000');
  db.exec('CREATE TABLE event (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, at INTEGER, body BLOB)');
  const insert = db.prepare('INSERT INTO event (id, at, body) VALUES (?, ?, ?)');
  const wal = openSync(`${path}-wal`, 'r+');
  let queue = [];
  let committed = [];
  let flushing = false;
  const insertAll = db.transaction((entries) => {
    for (const { id, body } of entries) insert.run(id, Date.now(), body);
  });
  const flush = () => {
    const entries = committed;
    committed = [];
    flushing = true;
    fdatasync(wal, () => {
      flushing = false;
      if (committed.length > 0) flush();
      for (const { done } of entries) done();
    });
  };
  const commit = () => {
    const entries = queue;
    queue = [];
    insertAll(entries);
    committed.push(...entries);
    if (!flushing) flush();
  };
  return (id, body, done) => {
    if (queue.push({ id, body, done }) === 1) setImmediate(commit);
  };
}
