/**
 * The present schema, to the byte as the steps of migrations.ts leave it: a new database is made by this alone. What the
 * columns mean stands at the steps. `npx vitest run test/emulator/store/schema.test.ts -u` writes this file.
 */
export const SCHEMA = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE ats (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    enabled INTEGER NOT NULL DEFAULT 1,
    webhook_url TEXT,
    api_key_hash TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
  ) WITHOUT ROWID;
CREATE TABLE secret (
    seq INTEGER PRIMARY KEY,
    ats_id TEXT NOT NULL,
    direction TEXT NOT NULL,
    value TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    retired_at INTEGER,
    valid_until INTEGER
  );
CREATE INDEX secret_of_ats ON secret (ats_id, direction, seq);
CREATE TABLE applied_setting (
    ats_id TEXT NOT NULL, field TEXT NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (ats_id, field)
  ) WITHOUT ROWID;
CREATE TABLE assumption_use (
    id TEXT PRIMARY KEY,
    count INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    sample TEXT
  ) WITHOUT ROWID;
CREATE TABLE workspace (
    ats_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (ats_id, client_id)
  ) WITHOUT ROWID;
CREATE TABLE member (
    ats_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    PRIMARY KEY (ats_id, client_id, user_id)
  ) WITHOUT ROWID;
CREATE TABLE event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    reference_id TEXT NOT NULL UNIQUE,
    ats_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    user_id TEXT,
    event TEXT NOT NULL,
    event_id TEXT,
    via TEXT NOT NULL,
    target_id TEXT,
    body BLOB NOT NULL,
    body_hash BLOB NOT NULL,
    received_at INTEGER NOT NULL
  );
CREATE UNIQUE INDEX event_identity ON event (ats_id, client_id, event_id) WHERE event_id IS NOT NULL;
CREATE TABLE job (
    event_seq INTEGER PRIMARY KEY,
    state TEXT NOT NULL,
    preset_error TEXT,
    started_at INTEGER,
    finished_at INTEGER,
    error_code TEXT,
    error_message TEXT
  , run INTEGER NOT NULL DEFAULT 1, applied INTEGER NOT NULL DEFAULT 0, attempts TEXT NOT NULL DEFAULT '[]', echo_of INTEGER, echo_depth INTEGER NOT NULL DEFAULT 0, by_hand INTEGER NOT NULL DEFAULT 0);
CREATE INDEX job_open ON job (event_seq) WHERE state = 'queued';
CREATE TABLE entity (
    ats_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    data TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL, event_seq INTEGER,
    PRIMARY KEY (ats_id, client_id, kind, id)
  ) WITHOUT ROWID;
CREATE TABLE delivery (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    ats_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    reference_id TEXT NOT NULL,
    event TEXT NOT NULL,
    event_id TEXT NOT NULL,
    receiver TEXT NOT NULL,
    state TEXT NOT NULL,
    step INTEGER NOT NULL,
    max_steps INTEGER NOT NULL,
    attempt_count INTEGER NOT NULL DEFAULT 0,
    due INTEGER,
    production_ms REAL NOT NULL DEFAULT 0,
    test INTEGER NOT NULL DEFAULT 0,
    replay_of TEXT,
    target_url TEXT,
    fixed_signature TEXT,
    follows INTEGER,
    created_at INTEGER NOT NULL
  );
CREATE INDEX delivery_due ON delivery (receiver, due) WHERE state = 'pending';
CREATE INDEX delivery_reference ON delivery (reference_id);
CREATE INDEX delivery_follows ON delivery (follows) WHERE follows IS NOT NULL;
CREATE TABLE claim (id INTEGER PRIMARY KEY AUTOINCREMENT, boot INTEGER NOT NULL, at INTEGER NOT NULL, attempts TEXT NOT NULL);
CREATE TABLE delivery_body (delivery_seq INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE log (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    delivery_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    direction TEXT NOT NULL,
    step INTEGER,
    ats_id TEXT,
    client_id TEXT,
    event TEXT,
    event_id TEXT,
    reference_id TEXT,
    event_seq INTEGER,
    outcome TEXT NOT NULL,
    status INTEGER,
    duration_ms REAL NOT NULL,
    error_code TEXT,
    error_message TEXT,
    occurred_at INTEGER NOT NULL,
    production_ms REAL,
    fault TEXT,
    test INTEGER NOT NULL DEFAULT 0,
    delivery_state TEXT,
    next_step INTEGER,
    next_due INTEGER,
    method TEXT NOT NULL,
    url TEXT NOT NULL,
    request_headers TEXT NOT NULL,
    signature TEXT,
    body BLOB,
    response_headers TEXT,
    response_body BLOB,
    response_bytes INTEGER,
    -- JSON: why a signature was refused.
    diagnosis TEXT
  , tls TEXT);
CREATE UNIQUE INDEX log_attempt ON log (delivery_id, number);
CREATE TABLE upload (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    ats_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    state TEXT NOT NULL,
    file_name TEXT NOT NULL,
    content_type TEXT,
    size INTEGER,
    uploaded_at INTEGER,
    expires_at INTEGER,
    bound_event INTEGER,
    text TEXT,
    problem TEXT
  );
CREATE INDEX upload_receiving ON upload (seq) WHERE state = 'receiving';
CREATE INDEX upload_unused ON upload (expires_at) WHERE bound_event IS NULL;
CREATE TABLE upload_chunk (upload_seq INTEGER NOT NULL, number INTEGER NOT NULL, data BLOB NOT NULL);
CREATE UNIQUE INDEX upload_chunk_number ON upload_chunk (upload_seq, number);
CREATE TABLE audit (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    ats_id TEXT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    details TEXT NOT NULL
  );
CREATE TABLE fault (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, rule TEXT NOT NULL, applied_count INTEGER NOT NULL);
CREATE INDEX job_failed ON job (event_seq) WHERE state = 'failed';
CREATE INDEX log_incoming_reference ON log (reference_id) WHERE direction = 'incoming' AND reference_id IS NOT NULL;
CREATE INDEX job_echo ON job (echo_of) WHERE echo_of IS NOT NULL;
`;
