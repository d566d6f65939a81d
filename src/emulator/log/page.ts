import { setImmediate } from 'node:timers/promises';
import type { LogPage, LogQuery } from '../../contract/control.ts';
import { OUTPUT_VERSION } from '../../contract/version.ts';
import {
  getLogBySeq,
  type LogFilter,
  type LogRow,
  listLog,
  listLogSeqs,
  timeOfLogSeq,
} from '../store/log.ts';
import { seqsOf } from '../store/seqs.ts';
import type { Store } from '../store/store.ts';
import { iso, monotonicNow } from '../time/wall.ts';
import { SLICE_MS } from './search-slice.ts';
import { bodyOf, type ViewClock, viewLogRow } from './view-record.ts';

/** Then the page is answered as far as it came. */
const TEXT_BUDGET_MS = 250;
/** Without a text there is less to look at: measured, a million small records take 0.2 s, and no slice over 8 ms. */
const FILTER_BUDGET_MS = 5000;
/** Records among which SQLite looks at once: more when that was quick, fewer when not. With a text each is read whole. */
const TEXT_SPAN = { first: 500, narrowest: 100 };
/** A millisecond's work. Not fewer: on a busy machine each look seems slow, and the search would not get on. */
const FILTER_SPAN = { first: 5000, narrowest: 5000 };
const WIDEST_SPAN = 50_000;

interface Found {
  rows: LogRow[];
  /** Where the look-up ended; `null` when there is nothing further in its direction. */
  stoppedAt: number | null;
  /** Wall time of the last record looked at. */
  searchedTo: number | null;
}

/**
 * A page of the log; `null` when the cursor is none of ours.
 *
 * @param signal ends a search that nobody waits for any more; its page is then not complete.
 */
export async function readLogPage(
  store: Store,
  clock: ViewClock,
  query: LogQuery,
  signal?: AbortSignal,
): Promise<LogPage | null> {
  const { since, cursor, after, limit, text, ...rest } = query;
  const place = after ?? cursor;
  const seq = place === undefined ? undefined : Number(place);
  if (seq !== undefined && !Number.isSafeInteger(seq)) return null;
  const filter: LogFilter = {
    ...rest,
    since: since === undefined ? undefined : Date.parse(since),
    ...(after === undefined ? { before: seq } : { after: seq }),
  };
  // Before the search: what comes while it goes on is newer.
  const newest = Math.max(seqsOf(store, 'log').newest, (after !== undefined && seq) || 0);
  const matches = text === undefined ? null : matcher(store, text);
  const found =
    matches !== null || needsSearch(filter)
      ? await search(store, filter, limit, matches, signal)
      : list(store, filter, limit);
  const items = found.rows.map((row) => ({ ...viewLogRow(store, clock, row), cursor: String(row.seq) }));
  const reached =
    after === undefined ? newest : (found.stoppedAt ?? Math.max(newest, found.rows.at(-1)?.seq ?? 0));
  return {
    version: OUTPUT_VERSION,
    items: after === undefined ? items : items.reverse(),
    next_cursor: found.stoppedAt === null ? null : String(found.stoppedAt),
    newer_cursor: String(reached),
    searched_to: found.searchedTo === null ? null : iso(found.searchedTo),
  };
}

function list(store: Store, filter: LogFilter, limit: number): Found {
  // One more than asked for tells whether this is the last page.
  const found = listLog(store, filter, limit + 1);
  const rows = found.slice(0, limit);
  return { rows, stoppedAt: found.length > limit ? rows.at(-1)!.seq : null, searchedTo: null };
}

/**
 * Whether SQLite might have to look at every record. An index for each filter would be paid for by every
 * attempt; the log's own order and the index of references serve the rest.
 */
function needsSearch({ reference_id, before, after, ...filters }: LogFilter): boolean {
  return reference_id === undefined && Object.values(filters).some((value) => value !== undefined);
}

/**
 * Looks at one part of the log after the other, giving way to the gateway's work after each.
 *
 * @param matches a further condition; SQLite knows those of the filter.
 */
async function search(
  store: Store,
  filter: LogFilter,
  limit: number,
  matches: ((row: LogRow) => boolean) | null,
  signal?: AbortSignal,
): Promise<Found> {
  const deadline = monotonicNow() + (matches === null ? FILTER_BUDGET_MS : TEXT_BUDGET_MS);
  const rows: LogRow[] = [];
  const ascending = filter.after !== undefined;
  const { oldest, newest } = seqsOf(store, 'log');
  /** All up to here was looked at. */
  let place = ascending
    ? Math.max(filter.after!, oldest - 1)
    : Math.min(filter.before ?? Number.POSITIVE_INFINITY, newest + 1);
  const { first, narrowest } = matches === null ? FILTER_SPAN : TEXT_SPAN;
  let span = first;
  const found = (stoppedAt: number | null): Found => ({
    rows,
    stoppedAt,
    searchedTo: timeOfLogSeq(store, stoppedAt ?? place),
  });
  for (;;) {
    const began = monotonicNow();
    const from = ascending ? place + 1 : Math.max(oldest, place - span);
    const to = ascending ? Math.min(newest, place + span) : place - 1;
    let slow = false;
    for (const seq of from > to ? [] : listLogSeqs(store, { ...filter, from, to }, WIDEST_SPAN)) {
      const row = getLogBySeq(store, seq)!;
      if (matches === null || matches(row)) {
        // One more than asked for tells whether this is the last page.
        if (rows.length === limit) return found(rows.at(-1)!.seq);
        rows.push(row);
      }
      place = seq;
      slow = monotonicNow() - began >= SLICE_MS;
      if (slow) break;
    }
    if (!slow) {
      place = ascending ? to : from;
      if (ascending ? place >= newest : place <= oldest) return found(null);
    }
    const now = monotonicNow();
    if (now >= deadline) return found(place);
    span = Math.max(
      narrowest,
      Math.min(WIDEST_SPAN, now - began < SLICE_MS / 2 ? span * 2 : Math.ceil(span / 2)),
    );
    await setImmediate();
    // It may have been closed meanwhile.
    if (!store.db.open || signal?.aborted) return { rows, stoppedAt: null, searchedTo: null };
  }
}

function matcher(store: Store, text: string): (row: LogRow) => boolean {
  const needle = text.toLowerCase();
  const bytes = foldBytes(Buffer.from(text));
  // All attempts of a delivery carry the same body.
  const bodies = new Map<string, boolean>();
  return (row) => {
    const fields = [
      row.event,
      row.event_id,
      `${row.delivery_id}/${row.number}`,
      row.client_id,
      row.reference_id,
      row.outcome,
      row.error_code,
      row.status === null ? null : String(row.status),
    ];
    if (fields.some((field) => field?.toLowerCase().includes(needle))) return true;
    if (row.response_body && foldBytes(row.response_body).includes(bytes)) return true;
    let inBody = bodies.get(row.delivery_id);
    if (inBody === undefined) {
      inBody = foldBytes(bodyOf(store, row)).includes(bytes);
      bodies.set(row.delivery_id, inBody);
    }
    return inBody;
  };
}

/** Bytes as characters in lower case: bodies need not be UTF-8. */
function foldBytes(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1').toLowerCase();
}
