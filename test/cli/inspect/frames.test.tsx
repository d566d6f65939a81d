import { render } from 'ink-testing-library';
import { afterEach, describe, expect, test } from 'vitest';
import type { Effect } from '../../../src/cli/inspect/intent.ts';
import { type Action, reduce } from '../../../src/cli/inspect/reducer.ts';
import { initialState, selectedRecord, TABS } from '../../../src/cli/inspect/state.ts';
import { createStyle } from '../../../src/cli/inspect/style.ts';
import { App } from '../../../src/cli/inspect/views/app.tsx';
import { widthOf } from '../../../src/cli/terminal/width.ts';
import { createStore } from '../../../src/client/view-state.ts';
import type { DeliveryDetail, LogItem, Trace } from '../../../src/contract/control.ts';
import { CLOCK, delivery, page, pageOf, record } from './records.ts';

let unmount: (() => void) | undefined;
afterEach(() => unmount?.());

/** When the records were made. */
const NOW = Date.parse(record(1).occurred_at);

function show(columns = 80, rows = 24, ...actions: Action[]) {
  const done: Effect[] = [];
  const store = createStore(initialState(columns, rows, NOW), reduce);
  for (const action of actions) store.dispatch(action);
  const app = render(
    <App store={store} style={createStyle(false)} perform={(effect) => void done.push(effect)} />,
  );
  unmount = app.unmount;
  const text = () => (app.lastFrame() ?? '').replace(/\x1b\[[0-9;]*m/g, '');
  return {
    store,
    done,
    text,
    press: (keys: string) => app.stdin.write(keys),
    async waitFor(pattern: string | RegExp) {
      await expect.poll(text).toMatch(pattern);
      return text();
    },
  };
}

const LIVE: Action = { type: 'connection', connection: 'open', origin: 'http://127.0.0.1:4010' };
const load = (items: LogItem[]): Action => ({
  type: 'log.loaded',
  generation: 0,
  page: pageOf(items, false),
  from: 'newest',
});
const next_attempt = { step: 2, due_schedule_ms: 160_000, in_schedule_ms: 60_000, in_real_ms: 1000 };
const failed = record(3, {
  outcome: 'failure',
  response_status: 500,
  delivery_state: 'pending',
  next_attempt,
});
const refused = record(2, {
  direction: 'incoming',
  step: null,
  outcome: 'failure',
  response_status: 401,
  delivery_state: null,
});
const clock: Action = { type: 'clock', clock: CLOCK, at: NOW };

/** The detail of a record, open at a tab. */
function open(item: LogItem, fields: Partial<DeliveryDetail> = {}, trace: Trace | null = null): Action[] {
  return [
    LIVE,
    clock,
    load([item]),
    { type: 'pane', pane: 'detail' },
    { type: 'detail.loaded', id: item.id, delivery: delivery([item], fields), trace },
  ];
}

describe('the list', () => {
  test('shows direction, event, client, outcome, attempt, duration and both countdowns', () => {
    const frame = show(80, 24, LIVE, clock, load([failed, refused])).text();
    expect(frame).toMatch(/▶ ← \S+ candidate\.created +acme-corp ✗ 500 +1\/5 +12ms 1m \(1s\)/);
    expect(frame).toMatch(/ {2}→ \S+ candidate\.created +acme-corp ✗ 401/);
    expect(frame).toContain('● live');
    expect(frame).toContain('clock 60×');
  });

  test('times are of the local zone, and what is of another day says so', async () => {
    const at = new Date(2026, 11, 31, 23, 59, 58);
    const late = record(4, { occurred_at: at.toISOString() });
    const next = record(5, { occurred_at: new Date(at.getTime() + 3000).toISOString() });
    const app = show(80, 24, LIVE, clock, load([next, late]), { type: 'tick', now: at.getTime() + 1000 });
    expect(app.text()).toMatch(/ {2}← 23:59:58 +candidate\.created/);
    app.store.dispatch({ type: 'tick', now: at.getTime() + 4000 });
    await app.waitFor(
      /▶ ← 00:00:01 {4}candidate\.created +acme-corp +✓ 200[\s\S]* {2}← 12-31 23:59 candidate\.created/,
    );
    const searched = { ...pageOf([late], true), searched_to: late.occurred_at };
    app.store.dispatch({ type: 'filter', change: { text: 'jane' } });
    app.store.dispatch({ type: 'log.loaded', generation: 1, page: searched, from: 'newest' });
    await app.waitFor('1+ found, searched back to 12-31 23:59 ');
  });

  test('a countdown counts down on both clocks, and stands still with the clock', async () => {
    const app = show(80, 24, LIVE, clock, load([failed]));
    app.store.dispatch({ type: 'tick', now: NOW + 500 });
    await app.waitFor(/30s \(1s\)/);
    app.store.dispatch({ type: 'clock', clock: { ...CLOCK, mode: 'paused' }, at: NOW + 500 });
    await app.waitFor(/1m \(‖\)/);
  });

  test.each([
    ['while it is read', [], /Reading the log/],
    ['when it is empty', [LIVE, load([])], /No deliveries yet/],
    [
      'when nothing fits',
      [
        LIVE,
        { type: 'filter', change: { text: 'x' } },
        { type: 'log.loaded', generation: 1, page: pageOf([]), from: 'newest' },
      ],
      /Nothing fits the filter/,
    ],
    [
      'when it cannot be read',
      [{ type: 'log.failed', generation: 0, error: 'the disk is gone' }],
      /cannot be read[\s\S]*the disk is gone/,
    ],
    [
      'when the emulator is gone',
      [{ type: 'connection', connection: 'lost' }, load([failed])],
      /LOST, reconnecting[\s\S]*does not answer/,
    ],
    [
      'of a file',
      [{ type: 'connection', connection: 'read-only', origin: '/x/carvos.db' }, load([failed])],
      /READ-ONLY, from the file/,
    ],
  ] as [string, Action[], RegExp][])('says so %s', (_when, actions, pattern) => {
    expect(show(80, 24, ...actions).text()).toMatch(pattern);
  });

  test('says how many are new after the selection moved', async () => {
    const app = show(80, 24, LIVE, { type: 'log.loaded', generation: 0, page: page(9, 1), from: 'newest' });
    app.press('j');
    await expect.poll(() => app.store.get().log.selected).toBe(1);
    app.store.dispatch({ type: 'log.arrived', generation: 0, page: page(11, 10) });
    await app.waitFor('2 new (g)');
    app.press('g');
    await expect.poll(app.text).not.toContain('new (g)');
    expect(selectedRecord(app.store.get())?.cursor).toBe('11');
  });

  test('only what fits is drawn', () => {
    const app = show(80, 24, LIVE, {
      type: 'log.loaded',
      generation: 0,
      page: page(1000, 1),
      from: 'newest',
    });
    expect(app.text().match(/candidate\.created/g)).toHaveLength(20);
  });

  test('text of others cannot move the cursor or hide', () => {
    const frame = show(
      80,
      24,
      LIVE,
      load([record(1, { event: 'a\x1b[2J\n\u202eb', client_id: '漢字漢字漢字' })]),
    ).text();
    expect(frame).toContain('a\\x1b[2J \\u202eb');
    expect(frame).toContain('漢字漢字…');
  });
});

describe.each([
  [80, 24],
  [40, 12],
  [160, 45],
  [20, 5],
])('at %i×%i', (columns, rows) => {
  test('nothing is wider or higher than the screen, in any pane', async () => {
    const app = show(columns, rows, ...open(failed));
    const fits = () => {
      const lines = app.text().split('\n');
      expect(lines.length).toBeLessThanOrEqual(rows);
      for (const line of lines) expect(widthOf(line.trimEnd())).toBeLessThanOrEqual(Math.max(columns, 100));
      if (columns <= 100)
        for (const line of lines) expect(widthOf(line.trimEnd())).toBeLessThanOrEqual(columns);
    };
    for (const [index, tab] of TABS.entries()) {
      app.store.dispatch({ type: 'tab', tab });
      await app.waitFor(`[${index + 1} `);
      fits();
    }
    app.store.dispatch({ type: 'pane', pane: 'list' });
    await app.waitFor('▶');
    fits();
    for (const key of ['?', '\x1b', 't', '\x1b']) {
      app.press(key);
      await expect.poll(() => app.store.get().overlay === null).toBe(key === '\x1b');
      fits();
    }
  });
});

describe('the detail', () => {
  const tab = (name: (typeof TABS)[number]): Action => ({ type: 'tab', tab: name });

  test('the request: long numbers as they are, folding by Enter', async () => {
    const app = show(80, 30, ...open(failed));
    expect(app.text()).toContain('12345678901234567890');
    expect(app.text()).toContain('candidate.created, outgoing (CarvOS → ATS)');
    const line =
      app
        .text()
        .split('\n')
        .findIndex((one) => one.includes('▾ "a"')) - 3;
    app.press('j'.repeat(line));
    app.press('\r');
    await app.waitFor(/▸ "a": \{ 1 fields \}/);
    app.press('\r');
    await app.waitFor(/▾ "a"/);
  });

  test.each([
    [
      'bytes',
      {
        text: Buffer.from([0, 1, 255, 65]).toString('base64'),
        encoding: 'base64',
        bytes: 4,
        truncated: false,
      },
      /4 bytes that are not text[\s\S]*00 01 ff 41/,
    ],
    [
      'text',
      { text: '<p>hello</p>\x1b]0;x\x07', encoding: 'utf8', bytes: 20, truncated: false },
      /<p>hello<\/p>\\x1b\]0;x\\x07/,
    ],
    [
      'a cut body',
      { text: '{"a":"xxx', encoding: 'utf8', bytes: 90_000, truncated: true },
      /cut: the log keeps the beginning of 90000 bytes/,
    ],
    ['no body', { text: '', encoding: 'utf8', bytes: 0, truncated: false }, /\(no body\)/],
  ] as [string, DeliveryDetail['body'], RegExp][])('%s is shown safely', (_what, body, pattern) => {
    expect(show(80, 40, ...open(failed, { body })).text()).toMatch(pattern);
  });

  test('the answer, or that there is none', () => {
    expect(show(80, 24, ...open(failed), tab('response')).text()).toMatch(/✗ 500[\s\S]*answer/);
    const error = { code: 'refused', message: 'nothing listens there' };
    const none = record(1, { outcome: 'error', response_status: null, error });
    expect(show(80, 24, ...open(none), tab('response')).text()).toMatch(/! refused[\s\S]*no answer to show/);
  });

  test('the attempts: past, next and future', () => {
    const frame = show(80, 24, ...open(failed, { next_attempt, state: 'pending' }), tab('attempts')).text();
    expect(frame).toContain('✗──1m──◉──5m──○──30m──○──2h──○');
    expect(frame).toMatch(/✗ 1\/5 {2}500/);
    expect(frame).toMatch(/◉ 2\/5 {2}next in 1m \(1s\) {2}1m after attempt 1/);
    expect(frame).toMatch(/○ 5\/5 {2}2h after attempt 4/);
    const lost = record(1, { outcome: 'error', response_status: null });
    expect(show(80, 24, ...open(lost), tab('attempts')).text()).toContain('!──1m──○');
  });

  test('the signature: verified, explained, or why it was not looked at', async () => {
    const app = show(80, 30, ...open(failed), tab('signature'));
    expect(app.text()).toContain('Checking…');
    const hashed = { first: 'x', last: 'y', bytes: 1, sha256: '00' };
    const base = {
      findings: [],
      expected: null,
      given: null,
      hashed,
      checks: ['the secret'],
      tried: 7,
      exhaustive: true,
    };
    const { id } = failed;
    app.store.dispatch({
      type: 'detail.diagnosed',
      id,
      diagnosis: { ...base, verdict: 'valid' },
      error: null,
    });
    await app.waitFor('✓ it verifies');
    app.store.dispatch({
      type: 'detail.diagnosed',
      id,
      diagnosis: { ...base, verdict: 'unexplained' },
      error: null,
    });
    await app.waitFor(/✗ it does not verify[\s\S]*7 combinations[\s\S]*the secret/);
    app.store.dispatch({ type: 'detail.diagnosed', id, diagnosis: null, error: 'no gateway runs' });
    await app.waitFor('Not checked: no gateway runs');
  });

  test('the signature of what has none, which nobody checks', () => {
    for (const [direction, text] of [
      ['outgoing', 'Nothing was sent'],
      ['incoming', 'The request has no signature'],
    ] as const) {
      const one = record(1, { direction });
      const [attempt] = delivery([one]).attempts;
      const attempts = [{ ...attempt!, request: { ...attempt!.request, signature: null } }];
      const shown = show(80, 24, ...open(one, { attempts }), tab('signature')).text();
      expect(shown).toContain(text);
      expect(shown).not.toContain('Checking…');
    }
  });

  test.each([33, 40, 46, 50, 80])('of a long header nothing is lost at %i columns', (columns) => {
    const signature = `t=1768472880,v1=${Array.from({ length: 64 }, (_, i) => (i % 16).toString(16)).join('')}`;
    const detail = delivery([failed]);
    const [attempt] = detail.attempts;
    const attempts = [{ ...attempt!, request: { ...attempt!.request, signature } }];
    const text = show(columns, 30, ...open(failed, { attempts }), tab('signature')).text();
    expect(text.replaceAll(/\s|›/g, '')).toContain(`X-Webhook-Signature:${signature}`);
  });

  test('the AI job and the trace', async () => {
    const at = '2026-11-23T08:00:00.000Z';
    const trace: Trace = {
      version: 2,
      reference_id: 'ref-3',
      accepted: {
        at,
        ats_id: 'demo-ats',
        client_id: 'acme-corp',
        user_id: null,
        event: 'candidate.created',
        event_id: 'e',
        via: 'webhook',
      },
      job: {
        run: 1,
        attempts: [],
        id: 'job_1',
        state: 'failed',
        created_at: at,
        started_at: at,
        finished_at: at,
        error: { code: 'ai_failed', message: 'no answer' },
      },
      deliveries: [],
      settled: true,
    };
    expect(show(80, 24, ...open(failed, {}, trace), tab('AI job')).text()).toMatch(
      /✗ failed[\s\S]*ai_failed: no answer/,
    );
    expect(show(80, 24, ...open(failed, {}, trace), tab('trace')).text()).toMatch(
      /accepted +candidate\.created[\s\S]*No outgoing event followed/,
    );
    expect(show(80, 24, ...open(failed), tab('AI job')).text()).toContain('there is no job');

    const traced = delivery([failed], { next_attempt, state: 'pending' });
    const app = show(
      80,
      24,
      ...open(failed, {}, { ...trace, deliveries: [traced], settled: false }),
      tab('trace'),
    );
    await app.waitFor(/next: attempt 2\/5 in 1m \(1s real\)/);
    app.store.dispatch({ type: 'tick', now: NOW + 500 });
    await app.waitFor(/next: attempt 2\/5 in 30s \(1s real\)/);
  });

  test('says what is wrong when it is gone', () => {
    const frame = show(80, 24, ...open(failed), {
      type: 'detail.failed',
      id: failed.id,
      error: 'it is no longer in the log',
    }).text();
    expect(frame).toMatch(/cannot be shown[\s\S]*no longer in the log/);
  });
});

test('the filter is shown while there is one', async () => {
  const app = show(80, 24, LIVE, load([failed]));
  app.press('/');
  app.press('jane');
  await app.waitFor(/filter: \/jane▏.*Esc clears/);
  app.press('\r');
  app.press('d');
  await app.waitFor(/filter: → incoming {2}\/jane/);
  app.press('\x1b');
  await expect.poll(app.text).not.toContain('filter:');
});

test('progress, results and errors are told apart without colour', async () => {
  const app = show(80, 24, LIVE, load([failed]));
  for (const [kind, mark] of [
    ['progress', '…'],
    ['ok', '✓'],
    ['error', '✗'],
  ] as const) {
    app.store.dispatch({ type: 'status', status: { kind, text: 'something' } });
    await app.waitFor(`${mark} something`);
  }
});

test('help has every key of the pane, and the bar what can be done', async () => {
  const app = show(80, 50, LIVE, load([failed]));
  expect(app.text()).toMatch(/\? help {2}q quit {2}Enter open/);
  app.press('?');
  const frame = await app.waitFor('Clock of the retry schedule');
  for (const word of ['r ', 'e ', 't ', 's ', 'y ', 'i ', 'Space', '+ -', 'Marks'])
    expect(frame).toContain(word);
});

describe('layouts', () => {
  const titles = (columns: number) =>
    show(columns, 24, LIVE, clock, load([failed]))
      .text()
      .split('\n')[1]!
      .split('│')[0]!
      .trim()
      .split(/ +/);
  test.each([
    [40, 'EVENT RESULT TRY'],
    [60, 'TIME EVENT RESULT TRY TOOK'],
    [64, 'TIME EVENT RESULT TRY TOOK NEXT'],
    [80, 'TIME EVENT CLIENT RESULT TRY TOOK NEXT'],
    [132, 'TIME EVENT RESULT TRY TOOK NEXT'],
    [140, 'TIME EVENT CLIENT RESULT TRY TOOK NEXT'],
    [200, 'TIME EVENT CLIENT RESULT TRY TOOK NEXT'],
  ])('%i columns', (columns, expected) => {
    expect(titles(columns).join(' ')).toBe(expected);
    const frame = show(columns, 24, ...open(failed)).text();
    // Beside the list, the detail has its tabs.
    expect(frame.includes('▶') && /\[(1 )?request\].* (6 )?trace/.test(frame)).toBe(columns >= 132);
  });

  test('a long message has rows, as long as there are some', () => {
    const status: Action = { type: 'status', status: { kind: 'error', text: 'word '.repeat(20).trim() } };
    expect(show(40, 12, LIVE, load([failed]), status).text()).toMatch(
      /✗ (word ?){7}\s*\n {2}(word ?){7}\s*\n {2}word/,
    );
    expect(show(40, 9, LIVE, load([failed]), status).text()).toMatch(/✗ (word ){7}wo…\n\? help/);
  });

  test('no row stays empty while there are records above', () => {
    const app = show(80, 24, LIVE, { type: 'log.loaded', generation: 0, page: page(9, 1), from: 'newest' });
    app.store.dispatch({ type: 'move', by: 3 });
    app.store.dispatch({ type: 'log.arrived', generation: 0, page: page(15, 10) });
    expect(app.store.get().log.top).toBe(0);
    expect(selectedRecord(app.store.get())?.cursor).toBe('6');
  });

  test('help says how much more there is, and scrolls to its end and no further', async () => {
    const app = show(80, 24, LIVE, load([failed]));
    app.press('?');
    await app.waitFor(/↓ \d+ more lines/);
    app.press('j'.repeat(100));
    await expect.poll(app.text).not.toMatch(/more lines/);
    app.press('k');
    await app.waitFor(/↓ 2 more lines/);
  });
});

test('the job that failed can be run again, which the bar says', () => {
  const failedJob: Action = { type: 'jobs', marks: new Map([['ref-2', 'failed']]) };
  const accepted = record(2, {
    direction: 'incoming',
    step: null,
    response_status: 202,
    delivery_state: null,
  });
  const frame = show(80, 24, LIVE, load([accepted]), failedJob).text();
  expect(frame).toMatch(/▶ → .*✓ 202 .*job failed/);
  expect(frame).toMatch(/x run job again/);
  expect(show(80, 24, LIVE, load([accepted])).text()).not.toContain('x run job again');
});
