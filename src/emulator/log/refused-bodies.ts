import type { LogRow } from '../store/log.ts';
import { monotonicNow } from '../time/wall.ts';

/** Bytes of refused requests that are kept whole within a minute: anybody can send them, and they lie for days. */
const KEPT_PER_MINUTE = 16 * 1024 * 1024;
/** What is kept of each one beyond that. */
const KEPT_OF_CUT = 100;
const WHY = 'because more than 16 MiB were refused within a minute';
const CUT = new RegExp(`; only the first \\d+ of the (\\d+) bytes of its body are kept, ${WHY}$`);
/** A message can repeat what was sent. */
const MOST_MESSAGE = 300;

/** What the log keeps of a request that was refused. */
export type RefusedBody = Pick<LogRow, 'body' | 'error_message' | 'signature' | 'url' | 'request_headers'>;

/**
 * Bounds what refused requests fill the disk with.
 *
 * @returns the function that cuts what is beyond this minute's share, and says so in the error's message.
 */
export function createRefusedBodies(now: () => number = monotonicNow): (row: RefusedBody) => RefusedBody {
  let since = Number.NEGATIVE_INFINITY;
  let kept = 0;
  return (row) => {
    if (now() - since >= 60_000) {
      since = now();
      kept = 0;
    }
    const length = row.body?.length ?? 0;
    const bytes = length + row.url.length + row.request_headers.length + (row.signature?.length ?? 0);
    if (kept + bytes <= KEPT_PER_MINUTE || bytes <= KEPT_OF_CUT) {
      kept += bytes;
      return row;
    }
    return {
      body: row.body?.subarray(0, KEPT_OF_CUT) ?? null,
      url: row.url.slice(0, KEPT_OF_CUT),
      signature: row.signature?.slice(0, KEPT_OF_CUT) ?? null,
      request_headers: row.request_headers.length > KEPT_OF_CUT ? '{}' : row.request_headers,
      error_message: `${(row.error_message ?? '').slice(0, MOST_MESSAGE)}; only the first ${Math.min(length, KEPT_OF_CUT)} of the ${length} bytes of its body are kept, ${WHY}`,
    };
  };
}

/** Length of the whole body of a refused request that was cut; `null` where all of it is kept. */
export function cutFrom(row: Pick<LogRow, 'body' | 'error_message'>): number | null {
  const found = row.body === null ? null : CUT.exec(row.error_message ?? '');
  return found ? Number(found[1]) : null;
}
