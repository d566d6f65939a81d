import { describe, expect, test } from 'vitest';
import { type Action, reduce } from '../../../src/cli/inspect/reducer.ts';
import { initialState, layoutOf, type State, selectedRecord } from '../../../src/cli/inspect/state.ts';
import { delivery, page, pageOf, record } from './records.ts';

const start = () => initialState(80, 24, 0);
const run = (state: State, ...actions: Action[]) => actions.reduce(reduce, state);
const loaded = (from: number, to: number, more = false) =>
  run(start(), { type: 'log.loaded', generation: 0, page: page(from, to, more), from: 'newest' });
const arrive = (from: number, to: number): Action => ({
  type: 'log.arrived',
  generation: 0,
  page: page(from, to),
});

describe('the list', () => {
  test('follows the newest until the selection moves, then counts what is new', () => {
    let state = run(loaded(10, 1), arrive(11, 11));
    expect(selectedRecord(state)?.cursor).toBe('11');
    expect(state.log.unseen).toBe(0);
    state = run(state, { type: 'move', by: 1 }, arrive(13, 12));
    expect(selectedRecord(state)?.cursor).toBe('10');
    expect(state.log.unseen).toBe(2);
    state = run(state, { type: 'move.to', place: 'newest' }, arrive(14, 14));
    expect(selectedRecord(state)?.cursor).toBe('14');
    expect(state.log.unseen).toBe(0);
  });

  test('moving up to the newest follows again', () => {
    const state = run(loaded(10, 1), { type: 'move', by: 3 }, { type: 'move', by: -9 }, arrive(11, 11));
    expect(selectedRecord(state)?.cursor).toBe('11');
  });

  test('what is on the screen stays where it is when records come', () => {
    const before = run(loaded(100, 1), { type: 'move', by: 50 });
    const after = run(before, arrive(105, 101));
    expect(after.log.selected - after.log.top).toBe(before.log.selected - before.log.top);
    expect(after.log.records[after.log.top]?.cursor).toBe(before.log.records[before.log.top]?.cursor);
  });

  test('memory stays bounded while following, and the window has no hole', () => {
    let state = loaded(100, 1);
    for (let seq = 101; seq < 5000; seq += 10) state = run(state, arrive(seq + 9, seq));
    expect(state.log.records.length).toBeLessThanOrEqual(400);
    expect(state.log.older).toBe(state.log.records.at(-1)?.cursor);
    const cursors = state.log.records.map((one) => Number(one.cursor));
    expect(cursors.every((cursor, index) => index === 0 || cursor === cursors[index - 1]! - 1)).toBe(true);
  });

  test('memory stays bounded while scrolling down, and the way back up is fetched again', () => {
    let state = loaded(100_000, 99_801, true);
    for (let low = 99_800; low > 95_000; low -= 200) {
      state = run(state, { type: 'move', by: 1_000_000 });
      state = run(state, { type: 'log.older', generation: 0, page: page(low, low - 199, true) });
    }
    expect(state.log.records.length).toBeLessThanOrEqual(1_500);
    expect(state.log.atHead).toBe(false);
    state = run(state, { type: 'move', by: -1_000_000 });
    expect([state.log.selected, state.log.following]).toEqual([0, false]);
    const first = Number(state.log.records[0]?.cursor);
    const newer = pageOf(page(100_000, first + 1).items.slice(-200));
    state = run(state, {
      type: 'log.newer',
      generation: 0,
      page: { ...newer, next_cursor: newer.items[0]!.cursor },
    });
    expect(Number(state.log.records[0]?.cursor)).toBe(first + 200);
    expect(state.log.atHead).toBe(false);
  });

  test('an answer to an earlier filter is dropped', () => {
    const state = run(
      loaded(3, 1),
      { type: 'filter', change: { direction: 'incoming' } },
      { type: 'log.loaded', generation: 0, page: page(99, 90), from: 'newest' },
    );
    expect(state.log.records).toHaveLength(3);
    expect(state.log.loading).toBe(true);
  });

  test('a next attempt is no longer shown once it was made', () => {
    const next_attempt = { step: 2, due_schedule_ms: 60_000, in_schedule_ms: 60_000, in_real_ms: 1000 };
    const failed = record(1, {
      delivery_id: 'dlv_x',
      outcome: 'failure',
      response_status: 500,
      next_attempt,
    });
    const state = run(
      start(),
      { type: 'log.loaded', generation: 0, page: pageOf([failed]), from: 'newest' },
      { type: 'log.arrived', generation: 0, page: pageOf([record(2, { delivery_id: 'dlv_x', number: 2 })]) },
    );
    expect(state.log.records.map((one) => one.next_attempt)).toEqual([null, null]);
  });

  test('moving does nothing where there is nothing', () => {
    const state = run(start(), { type: 'move', by: 1 }, { type: 'move', by: -1 });
    expect(state.log.selected).toBe(0);
  });
});

test('every size keeps the selection on the screen', () => {
  let state = run(loaded(200, 1), { type: 'move', by: 120 });
  for (const [columns, rows] of [
    [40, 12],
    [200, 60],
    [80, 24],
    [20, 4],
    [1, 1],
  ] as const) {
    state = run(state, { type: 'resized', columns, rows });
    const { top, selected } = state.log;
    expect(selected).toBeGreaterThanOrEqual(top);
    expect(selected).toBeLessThan(top + layoutOf(state).listRows);
  }
});

describe('the detail', () => {
  const open = () => {
    const state = run(loaded(3, 1), { type: 'pane', pane: 'detail' });
    const item = selectedRecord(state)!;
    return run(state, { type: 'detail.loaded', id: item.id, delivery: delivery([item]), trace: null });
  };

  test('is stale when a record of the same delivery or reference comes, and only then', () => {
    expect(run(open(), arrive(9, 9)).detail.stale).toBe(false);
    const same = pageOf([record(9, { reference_id: 'ref-3' })]);
    expect(run(open(), { type: 'log.arrived', generation: 0, page: same }).detail.stale).toBe(true);
  });

  test('does not slip away when records come', () => {
    expect(selectedRecord(run(open(), arrive(9, 4)))?.cursor).toBe('3');
  });

  test('a fold is opened and closed again', () => {
    const folded = run(open(), { type: 'detail.fold', paths: ['/a'] });
    expect([...folded.detail.toggled]).toEqual(['/a']);
    expect(run(folded, { type: 'detail.fold', paths: ['/a'] }).detail.toggled.size).toBe(0);
  });

  test('keeps its place and folds when it is read again, and loses them with another record', () => {
    const item = record(3);
    const state = run(
      open(),
      { type: 'detail.fold', paths: ['/a'] },
      { type: 'detail.move', by: 2, lines: 9 },
    );
    const again = run(state, { type: 'detail.loaded', id: item.id, delivery: delivery([item]), trace: null });
    expect([again.detail.line, again.detail.toggled.size]).toEqual([2, 1]);
    const other = run(state, {
      type: 'detail.loaded',
      id: 'dlv_2/1',
      delivery: delivery([record(2)]),
      trace: null,
    });
    expect([other.detail.line, other.detail.toggled.size]).toEqual([0, 0]);
  });
});

test('a status goes when its time is up', () => {
  const shown = run(start(), { type: 'status', status: { kind: 'ok', text: 'done', until: 5000 } });
  expect(run(shown, { type: 'tick', now: 4000 }).status?.text).toBe('done');
  expect(run(shown, { type: 'tick', now: 5000 }).status).toBeNull();
});
