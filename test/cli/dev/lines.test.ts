import { expect, test } from 'vitest';
import { createPaint } from '../../../src/cli/terminal/output.ts';
import { formatTable } from '../../../src/cli/terminal/table.ts';
import { formatRecords } from '../../../src/cli/text/deliveries-table.ts';
import { createFeedFormatter, formatFeedEntry, formatLegend } from '../../../src/cli/text/feed.ts';
import { hintForAttempt } from '../../../src/cli/text/hints.ts';
import { describeDue, formatWallTime } from '../../../src/cli/text/times.ts';
import { FeedEntry, type LogRecord } from '../../../src/contract/control.ts';
import { CONNECTION_FAILURES } from '../../../src/transport/connection-failures.ts';

const plain = createPaint(false);
const at = '2026-11-23T09:08:07.000Z';
const time = formatWallTime(at);

function record(change: Partial<LogRecord> = {}): LogRecord {
  return {
    id: 'dlv_1/2',
    delivery_id: 'dlv_1',
    direction: 'outgoing',
    number: 2,
    step: 2,
    ats_id: 'demo-ats',
    client_id: 'acme-corp',
    event: 'candidate.created',
    event_id: 'evt_1',
    reference_id: 'ref-1',
    outcome: 'success',
    response_status: 200,
    duration_ms: 12,
    error: null,
    occurred_at: at,
    expires_at: at,
    production_ms: 60_000,
    fault: null,
    tls_problem: null,
    test: false,
    delivery_state: 'delivered',
    next_attempt: null,
    ...change,
  };
}

function attempt(change: Partial<LogRecord>, answer: string | null = null) {
  const url = 'http://localhost:3000/hook';
  const entry = { seq: 1, at, type: 'attempt.finished', record: record(change), url, answer };
  return formatFeedEntry(FeedEntry.parse(entry), plain);
}

test('the legend says what the arrows mean', () => {
  expect(formatLegend(plain)).toContain('→ incoming (ATS → CarvOS)');
  expect(formatLegend(plain)).toContain('← outgoing (CarvOS → ATS)');
});

test('a delivered attempt is one line', () => {
  expect(attempt({}).map((line) => line.replace(/ {2,}/g, '  '))).toEqual([
    `${time}  ← outgoing  candidate.created  acme-corp  200  12ms  attempt 2/5`,
  ]);
});

test('a failed attempt says when the next one is due on both clocks, and has a hint below it', () => {
  const lines = attempt(
    {
      outcome: 'failure',
      response_status: 500,
      delivery_state: 'pending',
      next_attempt: { step: 3, due_schedule_ms: 1, in_schedule_ms: 300_000, in_real_ms: 5000 },
    },
    'Traceback:\n  boom\x1b[31m',
  );
  expect(lines).toHaveLength(2);
  expect(lines[0]).toContain('500');
  expect(lines[0]).toContain('attempt 2/5, next (3/5) in 5m (5s real)');
  expect(lines[1]).toContain('It says: Traceback: boom\\x1b[31m');
});

test('the last failure says that there is no further attempt', () => {
  const [line] = attempt({ outcome: 'failure', response_status: 500, step: 5, delivery_state: 'exhausted' });
  expect(line).toContain('attempt 5/5, exhausted: no further attempt (dlv_1)');
});

test('a refused request shows its reason code and what it means', () => {
  const refused = record({
    direction: 'incoming',
    step: null,
    outcome: 'failure',
    response_status: 401,
    error: { code: 'mismatch', message: 'Invalid signature' },
    delivery_state: null,
  });
  const lines = formatFeedEntry(
    { seq: 1, at, type: 'request.refused', record: refused, path: '/v1/webhooks/demo-ats' },
    plain,
  );
  expect(lines[0]).toContain('→ incoming');
  expect(lines[0]).toContain('401');
  expect(lines[0]).toContain('refused: mismatch');
  expect(lines.slice(1).join('\n')).toContain('CARVOS_INCOMING_SECRET');
});

test('an event name cannot break a line or colour the terminal', () => {
  const lines = attempt({ event: 'evil\n\x1b[2Jname' });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('evil \\x1b[2Jname');
});

test('due times: now, standing clock, both clocks', () => {
  expect(describeDue({ in_schedule_ms: 0, in_real_ms: 0 })).toBe('now');
  expect(describeDue({ in_schedule_ms: 60_000, in_real_ms: null })).toBe('in 1m (when the clock moves)');
  expect(describeDue({ in_schedule_ms: 7_200_000, in_real_ms: 120_000 })).toBe('in 2h (2m real)');
  expect(describeDue({ in_schedule_ms: 60_000, in_real_ms: 0 })).toBe('in 1m (at once)');
});

test('an fault fault is told apart from the receiver’s own failure, and a receiver that accepts it is reported', () => {
  const lines = (change: Partial<LogRecord>) =>
    formatFeedEntry(
      {
        seq: 1,
        at,
        type: 'attempt.finished',
        record: record(change),
        url: 'http://localhost:3000/',
        answer: null,
      },
      plain,
    ).join('\n');
  const failure = { outcome: 'failure', response_status: 401 } as const;
  expect(lines({ ...failure, fault: 'stale' })).toMatch(
    /fault stale[\s\S]*the receiver is right to refuse it/,
  );
  expect(lines({ ...failure, response_status: 500, fault: 'status-500' })).toContain(
    "is not your receiver's",
  );
  const accepted = { outcome: 'success', response_status: 200, error: null, next_attempt: null } as const;
  expect(lines({ ...accepted, fault: 'tampered-body' })).toContain('It must refuse it');
  expect(lines({ ...accepted, fault: 'future' })).toContain('ten minutes off');
  expect(lines({ ...accepted, fault: 'duplicate' })).not.toContain('\n');
});

test('each kind of failure has its own hint', () => {
  const hint = (status: number | null, code: string | null, answer: string | null = null) =>
    hintForAttempt({
      record: { id: 'dlv_1/1', response_status: status, error: code ? { code, message: code } : null },
      url: 'http://localhost:3000/hook',
      answer,
      surroundings: 'host',
    });
  expect(hint(null, 'refused')).toContain('Nothing listens on localhost:3000');
  expect(hint(null, 'reset')).toContain('closed the connection');
  expect(hint(null, 'dns')).toContain('has no address');
  expect(hint(null, 'tls')).toContain('TLS');
  expect(hint(null, 'not_http')).toContain('does not speak HTTP/1.1');
  expect(hint(null, 'timeout')).toContain('5 seconds');
  for (const code of Object.keys(CONNECTION_FAILURES)) expect(hint(null, code), code).not.toBeNull();
  expect(hint(200, 'timeout')).toContain('5 seconds');
  expect(hint(401, null)).toContain('carvos verify');
  expect(hint(401, null)).toContain('outgoing secret');
  expect(hint(308, null)).toContain('redirect');
  expect(hint(404, null)).toContain('/hook');
  expect(hint(422, null, '{"detail":"bad"}')).toContain('{"detail":"bad"}');
  expect(hint(503, null, 'down')).toContain('It says: down');
  expect(hint(200, null)).toBeNull();
});

test('a table fits its width: cells are cut first, then columns left out; without a width nothing is', () => {
  const columns = [
    { title: 'ID', value: (row: { id: string }) => row.id },
    { title: 'NAME', value: () => 'a name that is rather long', min: 6 },
    { title: 'MORE', value: () => 'optional', drop: 1 },
  ];
  const rows = [{ id: 'dlv_1' }];
  expect(formatTable(columns, rows, Number.POSITIVE_INFINITY)).toEqual([
    'ID     NAME                        MORE',
    'dlv_1  a name that is rather long  optional',
  ]);
  expect(formatTable(columns, rows, 30)[1]).toBe('dlv_1  a name that …  optional');
  const narrow = formatTable(columns, rows, 14);
  expect(narrow[0]).not.toContain('MORE');
  for (const line of narrow) expect(line.length).toBeLessThanOrEqual(14);
});

test('the log fits 80 columns without losing id, direction, event or result', () => {
  const failed = record({
    id: 'dlv_1m83kbc7vgcv39t9/3',
    outcome: 'failure',
    response_status: 500,
    next_attempt: { step: 3, due_schedule_ms: 1, in_schedule_ms: 300_000, in_real_ms: 5000 },
  });
  for (const line of formatRecords([failed], plain, 80)) expect(line.length).toBeLessThanOrEqual(80);
  const [, row] = formatRecords([failed], plain, 80);
  expect(row).toMatch(/^dlv_1m83kbc7vgcv39t9\/3 .*outgoing {2}candidate\.created .*500 failure/);
  expect(formatRecords([failed], plain, Number.POSITIVE_INFINITY)[1]).toContain('in 5m (5s real)');
});

test('a follower gets a hint once, and again when it is another', () => {
  const format = createFeedFormatter(plain);
  const failed = (change: Partial<LogRecord>) =>
    format(
      FeedEntry.parse({
        seq: 1,
        at,
        type: 'attempt.finished',
        record: record({ outcome: 'failure', ...change }),
        url: 'http://localhost:3000/hook',
        answer: null,
      }),
    ).length;
  expect(failed({ response_status: 500 })).toBe(2);
  expect(failed({ response_status: 500 })).toBe(1);
  expect(failed({ response_status: 404 })).toBe(2);
  expect(failed({ response_status: 500 })).toBe(2);
});
