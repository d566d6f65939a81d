import { describe, expect, test } from 'vitest';
import type { LogItem, LogPage } from '../../src/contract/control.ts';
import {
  filtersOf,
  initialState,
  isShown,
  MOST_RECORDS,
  reduce,
  type State,
} from '../../src/portal/state.ts';

const ADDRESS = { place: 'deliveries', id: null, query: {} } as const;

function records(from: number, count: number): LogItem[] {
  return Array.from(
    { length: count },
    (_, index) =>
      ({
        id: `dlv_${from - index}/1`,
        delivery_id: `dlv_${from - index}`,
        cursor: String(from - index),
        next_attempt: { step: 2 },
      }) as LogItem,
  );
}

function page(items: LogItem[], next: string | null = null): LogPage {
  return {
    version: 1 as LogPage['version'],
    items,
    next_cursor: next,
    newer_cursor: items[0]?.cursor ?? '0',
    searched_to: null,
  };
}

function loaded(items = records(10, 10), older: string | null = '1'): State {
  const state = initialState(ADDRESS, 0);
  return reduce(state, { type: 'log.loaded', generation: 0, page: page(items, older) });
}

describe('the list', () => {
  test('takes what arrives in front while it follows, and says how much came while it does not', () => {
    const arrived = { type: 'log.arrived', generation: 0, page: page(records(12, 2)) } as const;
    expect(
      reduce(loaded(), arrived)
        .log.records.map(({ cursor }) => cursor)
        .slice(0, 3),
    ).toEqual(['12', '11', '10']);
    const away = reduce(loaded(), { type: 'log.follow', following: false });
    const after = reduce(away, arrived).log;
    expect([after.records.length, after.unseen, after.newest]).toEqual([10, 2, '12']);
    // Of a delivery that is shown, the attempt that was made is no longer to come.
    const again = { type: 'log.arrived', generation: 0, page: page([records(10, 1)[0]!]) } as const;
    expect(reduce(away, again).log.records.map(({ next_attempt }) => next_attempt?.step)).toEqual([
      undefined,
      ...Array(9).fill(2),
    ]);
    // Following again, it is read anew: there must be no hole.
    expect(reduce({ ...away, log: after }, { type: 'log.follow', following: true }).log.loading).toBe(true);
  });

  test('an attempt that was made is no longer to come', () => {
    const again = { ...records(11, 1)[0]!, delivery_id: 'dlv_9' };
    const { log } = reduce(loaded(), { type: 'log.arrived', generation: 0, page: page([again]) });
    expect(log.records.find(({ id }) => id === 'dlv_9/1')?.next_attempt).toBeNull();
    expect(log.records.find(({ id }) => id === 'dlv_8/1')?.next_attempt).toEqual({ step: 2 });
  });

  test('an answer to an earlier question is dropped', () => {
    const filtered = reduce(loaded(), { type: 'address', address: { ...ADDRESS, query: { text: 'x' } } });
    expect(filtered.log.generation).toBe(1);
    const late = reduce(filtered, { type: 'log.loaded', generation: 0, page: page(records(99, 1)) });
    expect(late).toBe(filtered);
  });

  test('a delivery that is opened reloads nothing', () => {
    const opened = reduce(loaded(), { type: 'address', address: { ...ADDRESS, id: 'dlv_3' } });
    expect(opened.log.generation).toBe(0);
  });

  test('older records go behind the others, until there are none', () => {
    const older = (next: string | null) => ({
      type: 'log.older' as const,
      generation: 0,
      page: page(records(0, 2), next),
    });
    const { log } = reduce(loaded(), older('-2'));
    expect([log.records.length, log.records.at(-1)!.cursor, log.older]).toEqual([12, '-1', '-2']);
    expect(reduce(loaded(), older(null)).log.older).toBeNull();
  });

  test('an id is a delivery with all its attempts, or one attempt; another address closes the dialog', () => {
    const [record] = records(3, 1) as [LogItem];
    const ids = ['dlv_3', 'dlv_3/1', 'dlv_3/2', 'dlv_4', null];
    expect(ids.map((id) => isShown(record, id))).toEqual([true, true, false, false, false]);
    const asking = reduce(loaded(), { type: 'set', change: { dialog: 'to' } });
    expect(reduce(asking, { type: 'address', address: { ...ADDRESS, id: 'dlv_3' } }).dialog).toBeNull();
    expect(filtersOf({ ...ADDRESS, query: { text: '', event: 'x', tab: 'AI job' } })).toEqual({ event: 'x' });
  });

  test('it keeps a window, and knows where older records begin', () => {
    const full = loaded(records(MOST_RECORDS, MOST_RECORDS), null);
    const { log } = reduce(full, {
      type: 'log.arrived',
      generation: 0,
      page: page(records(MOST_RECORDS + 5, 5)),
    });
    expect(log.records).toHaveLength(MOST_RECORDS);
    expect(log.older).toBe(log.records.at(-1)!.cursor);
  });
});
