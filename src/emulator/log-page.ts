import { setImmediate } from 'node:timers/promises';
import { type LogPage, type LogQuery, OUTPUT_VERSION } from '../contract/control.ts';
import { monotonicNow } from './clock.ts';
import { bodyOf, iso, type ViewClock, viewLogRow } from './log-view.ts';
import { getLogBySeq, type LogFilter, type LogRow, listLog, listLogSeqs, newestLogSeq } from './store/log.ts';
import type { Store } from './store/store.ts';

/** A search holds the event loop for this long at most, apart from one large body. */
const SLICE_MS = 8;
/** Then the page is answered as far as it came. */
const BUDGET_MS = 250;
const ROWS_AT_ONCE = 100;

interface Found {
  rows: LogRow[];
  /** Where the look-up ended; `null` when there is nothing further in its direction. */
  stoppedAt: number | null;
  searchedTo: LogRow | null;
}

/** A page of the log; `null` when the cursor is none of ours. */
export async function readLogPage(store: Store, clock: ViewClock, query: LogQuery): Promise<LogPage | null> {
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
  const newest = Math.max(newestLogSeq(store), (after !== undefined && seq) || 0);
  const found =
    text === undefined
      ? list(store, filter, limit)
      : await search(store, filter, limit, matcher(store, text));
  const items = found.rows.map((row) => ({ ...viewLogRow(store, clock, row), cursor: String(row.seq) }));
  const reached = after === undefined ? newest : (found.stoppedAt ?? Math.max(newest, last(found.rows)));
  return {
    version: OUTPUT_VERSION,
    items: after === undefined ? items : items.reverse(),
    next_cursor: found.stoppedAt === null ? null : String(found.stoppedAt),
    newer_cursor: String(reached),
    searched_to: found.searchedTo ? iso(found.searchedTo.occurred_at) : null,
  };
}

function list(store: Store, filter: LogFilter, limit: number): Found {
  // One more than asked for tells whether this is the last page.
  const found = listLog(store, filter, limit + 1);
  const rows = found.slice(0, limit);
  return { rows, stoppedAt: found.length > limit ? rows.at(-1)!.seq : null, searchedTo: null };
}

/** Looks at record after record, giving way to the gateway's work after every slice. */
async function search(
  store: Store,
  filter: LogFilter,
  limit: number,
  matches: (row: LogRow) => boolean,
): Promise<Found> {
  const deadline = monotonicNow() + BUDGET_MS;
  const rows: LogRow[] = [];
  const ascending = filter.after !== undefined;
  let seen: LogRow | null = null;
  for (;;) {
    const sliceEnds = monotonicNow() + SLICE_MS;
    const place: LogFilter = seen ? (ascending ? { after: seen.seq } : { before: seen.seq }) : {};
    const slice = listLogSeqs(store, { ...filter, ...place }, ROWS_AT_ONCE);
    let looked = 0;
    for (const seq of slice) {
      const row = getLogBySeq(store, seq)!;
      seen = row;
      looked += 1;
      if (matches(row)) rows.push(row);
      if (rows.length === limit) return { rows, stoppedAt: row.seq, searchedTo: row };
      if (monotonicNow() >= sliceEnds) break;
    }
    if (looked === slice.length && slice.length < ROWS_AT_ONCE) {
      return { rows, stoppedAt: null, searchedTo: seen };
    }
    if (monotonicNow() >= deadline) return { rows, stoppedAt: seen!.seq, searchedTo: seen };
    await setImmediate();
    // It may have been closed meanwhile.
    if (!store.db.open) return { rows, stoppedAt: null, searchedTo: seen };
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

function last(rows: LogRow[]): number {
  return rows.at(-1)?.seq ?? 0;
}
