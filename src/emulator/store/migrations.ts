/**
 * The database's schema, one step per released shape; `PRAGMA user_version` counts the steps taken.
 * A step is never edited once it was released: a new one follows.
 *
 * Times are wall-clock milliseconds, except `due` and `next_due`, which are
 * milliseconds of the schedule clock. Numbers that only grow (AUTOINCREMENT) are never given twice: cursors and
 * the worker rely on it.
 */
export const MIGRATIONS: readonly string[] = [
  `
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

  -- retired_at: replaced by a newer one. valid_until: verifies until then although replaced.
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

  -- Hash of the value that the config file had when it was last applied.
  CREATE TABLE applied_setting (
    ats_id TEXT NOT NULL, field TEXT NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (ats_id, field)
  ) WITHOUT ROWID;

  -- What the traffic relied on without CarvOS's documentation saying so.
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

  -- event_id: of the webhook, or REST's Idempotency-Key. target_id: the id in a REST path.
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

  -- One job per event. preset_error: decided at the door, the AI is not asked.
  CREATE TABLE job (
    event_seq INTEGER PRIMARY KEY,
    state TEXT NOT NULL,
    preset_error TEXT,
    started_at INTEGER,
    finished_at INTEGER,
    error_code TEXT,
    error_message TEXT
  );
  CREATE INDEX job_open ON job (event_seq) WHERE state = 'queued';

  CREATE TABLE entity (
    ats_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    data TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (ats_id, client_id, kind, id)
  ) WITHOUT ROWID;

  -- step: the one that comes next, or the last one made. max_steps: 5, or 1 for a replay.
  -- target_url: instead of the ATS's webhook URL. fixed_signature: sent as it is, instead of signing anew.
  -- follows: the delivery whose first attempt makes this one due; until then due is NULL.
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
    attempts INTEGER NOT NULL DEFAULT 0,
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

  -- Attempts under way, those that one transaction claimed in a row, and the start (boot) that made them.
  -- attempts: JSON, [delivery's seq, its attempts before this one] each; recorded where the delivery has more.
  CREATE TABLE claim (id INTEGER PRIMARY KEY AUTOINCREMENT, boot INTEGER NOT NULL, at INTEGER NOT NULL, attempts TEXT NOT NULL);

  -- Apart from the row that changes with every attempt, so that an attempt does not rewrite it.
  CREATE TABLE delivery_body (delivery_seq INTEGER PRIMARY KEY, body BLOB NOT NULL);

  -- One row per attempt, in either direction. body: only where no event row holds it.
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
    injected TEXT,
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
  );
  CREATE UNIQUE INDEX log_attempt ON log (delivery_id, number);
  CREATE INDEX log_reference ON log (reference_id) WHERE reference_id IS NOT NULL;

  -- A file by POST /uploads. state: receiving, ready. expires_at moves forward with every explicit advance of the
  -- clock. bound_event: the one write that uses it; from then on it stays. text, problem: of a CV, once it was read.
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
  -- Who changed what. details: JSON of texts, never the value of a secret.
  CREATE TABLE audit (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    ats_id TEXT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    details TEXT NOT NULL
  );

  -- Rules of misbehaviour that were added while running; those of the config file stand there.
  CREATE TABLE fault (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, rule TEXT NOT NULL, injected INTEGER NOT NULL);
  `,
  `
  -- run: how often the job was begun anew. applied: its event has taken effect on what is stored, so a re-run must
  -- not apply it again. attempts: JSON, one entry for each time that the AI was asked.
  ALTER TABLE job ADD COLUMN run INTEGER NOT NULL DEFAULT 1;
  ALTER TABLE job ADD COLUMN applied INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE job ADD COLUMN attempts TEXT NOT NULL DEFAULT '[]';
  UPDATE job SET applied = 1 WHERE state = 'done'
    OR (state = 'failed' AND preset_error IS NULL
        AND error_code NOT IN ('candidate_not_found', 'vacancy_not_found', 'application_not_found'));
  CREATE INDEX job_failed ON job (event_seq) WHERE state = 'failed';
  `,
  `
  -- An attempt of ours is found by its delivery, which carries the reference: an index less to write at each.
  DROP INDEX log_reference;
  CREATE INDEX log_inbound_reference ON log (reference_id) WHERE direction = 'inbound' AND reference_id IS NOT NULL;
  `,
  `
  -- One word for one thing: a direction as everywhere, a fault as everywhere, and a count called one.
  DROP INDEX log_inbound_reference;
  UPDATE log SET direction = CASE direction WHEN 'inbound' THEN 'incoming' WHEN 'outbound' THEN 'outgoing' ELSE direction END;
  CREATE INDEX log_incoming_reference ON log (reference_id) WHERE direction = 'incoming' AND reference_id IS NOT NULL;
  ALTER TABLE log RENAME COLUMN injected TO fault;
  ALTER TABLE fault RENAME COLUMN injected TO applied_count;
  ALTER TABLE delivery RENAME COLUMN attempts TO attempt_count;
  UPDATE job SET attempts = replace(attempts, '"injected":', '"fault":');
  `,
  `
  -- JSON: protocol and certificate of an attempt over TLS.
  ALTER TABLE log ADD COLUMN tls TEXT;
  `,
  `
  -- echo_of: the event whose outgoing event came back with this one. echo_depth: how often the data had come back by
  -- then. by_hand: sent by a developer, not by the program of an ATS. event_seq: the event that the stored data came
  -- from; NULL where an earlier version stored it.
  ALTER TABLE job ADD COLUMN echo_of INTEGER;
  ALTER TABLE job ADD COLUMN echo_depth INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE job ADD COLUMN by_hand INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX job_echo ON job (echo_of) WHERE echo_of IS NOT NULL;
  ALTER TABLE entity ADD COLUMN event_seq INTEGER;
  `,
];
