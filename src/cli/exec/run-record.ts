import type { AssumptionUse, FeedEntry, StatusView } from '../../contract/control.ts';
import type { RunDocument } from '../../contract/output/running.ts';
import type { Paint } from '../terminal/output.ts';
import { createFeedFormatter } from '../text/feed.ts';

/** Entries that are kept for `--log-on-failure`; in a longer run the beginning is left out. */
const KEPT = 2000;

/** What happened in a run, as far as its end reports it. */
export interface RunRecord {
  take(entry: FeedEntry): void;
  /** Requests that the gateway refused. */
  readonly refused: number;
  /** The log as `carvos dev` shows it, for a reader who comes when the gateway is gone. */
  lines(paint: Paint): string[];
}

export function createRunRecord(): RunRecord {
  let refused = 0;
  let left = 0;
  let kept: FeedEntry[] = [];
  return {
    take(entry) {
      if (entry.type === 'request.refused') refused++;
      kept.push(entry);
      // Cut seldom, because cutting at the front moves all the rest.
      if (kept.length < KEPT * 2) return;
      left += kept.length - KEPT;
      kept = kept.slice(-KEPT);
    },
    get refused() {
      return refused;
    },
    lines(paint) {
      const format = createFeedFormatter(paint, { afterwards: true });
      const note = left > 0 ? [`(${left} earlier entries are left out)`] : [];
      return [...note, ...kept.flatMap(format)];
    },
  };
}

export interface RunEnd {
  exitCode: number;
  status: Pick<StatusView, 'deliveries'>;
  refused: number;
  assumptions: readonly AssumptionUse[];
}

/** The one line at the end. */
export function describeRun({ status, refused, assumptions }: RunEnd): string {
  const { pending, delivered, exhausted } = status.deliveries;
  const count = (n: number, one: string, many: string) => `${n} ${n === 1 ? one : many}`;
  const deliveries = [
    count(pending + delivered + exhausted, 'delivery', 'deliveries'),
    `${exhausted} failed`,
    ...(pending > 0 ? [`${pending} not finished`] : []),
  ];
  const requests = refused > 0 ? `; ${count(refused, 'request', 'requests')} refused` : '';
  const relied = count(assumptions.length, 'undocumented behaviour', 'undocumented behaviours');
  return `carvos: ${deliveries.join(', ')}${requests}; relied on ${relied}`;
}

/** The same for programs. */
export function documentRun({ exitCode, status, refused, assumptions }: RunEnd): RunDocument {
  return {
    exit_code: exitCode,
    deliveries: status.deliveries,
    refused,
    assumptions: assumptions.map(({ id }) => id),
  };
}
