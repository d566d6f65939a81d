import { setTimeout as delay } from 'node:timers/promises';
import type { AssumptionUse, FeedEntry, StatusView, Trace } from '../../contract/control.ts';
import type { RunDocument } from '../../contract/output/running.ts';
import type { Paint } from '../terminal/output.ts';
import { createFeedFormatter, type Reader } from '../text/feed.ts';

/** Entries that are kept for `--log-on-failure`; in a longer run the beginning is left out. */
const KEPT = 2000;

/** What happened in a run, as far as its end reports it. @param reader who reads the log in the end. */
export function createRunRecord(reader: Reader) {
  let refused = 0;
  let left = 0;
  let kept: FeedEntry[] = [];
  return {
    take(entry: FeedEntry): void {
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
    /** The log as `carvos dev` shows it, for a reader who comes when the gateway is gone. */
    lines(paint: Paint): string[] {
      const format = createFeedFormatter(paint, { ...reader, afterwards: true });
      const note = left > 0 ? [`(${left} earlier entries are left out)`] : [];
      return [...note, ...kept.flatMap(format)];
    },
  };
}

/** Jobs that are open when the command ends get this long. */
const JOBS_GRACE_MS = 1000;

/** An event that was accepted just before the end is reported too, unless its job takes longer than that: then the job is. */
export async function statusAtRest(emulator: { status(): StatusView }): Promise<StatusView> {
  const end = performance.now() + JOBS_GRACE_MS;
  for (;;) {
    const status = emulator.status();
    if (openJobs(status) === 0 || performance.now() >= end) return status;
    await delay(10);
  }
}

/** AI jobs that are not done. */
export const openJobs = ({ jobs }: Pick<StatusView, 'jobs'>) => jobs.queued + jobs.running;

export interface RunEnd {
  exitCode: number;
  status: Pick<StatusView, 'deliveries' | 'jobs'>;
  /** Deliveries that the built-in receiver took. */
  builtIn: number;
  refused: number;
  assumptions: readonly AssumptionUse[];
  /** The event at which an echo loop ended the run. */
  loop: Pick<Trace, 'echoes' | 'reference_id'> | null;
}

export function describeRun({ status, builtIn, refused, assumptions }: RunEnd): string {
  const { pending, delivered, exhausted } = status.deliveries;
  const jobs = openJobs(status);
  const count = (n: number, one: string, many: string) => `${n} ${n === 1 ? one : many}`;
  const deliveries = [
    count(pending + delivered + exhausted, 'delivery', 'deliveries'),
    `${exhausted} failed`,
    // A run that forgot its webhook URL should not look as if it had tested a receiver.
    ...(builtIn > 0 ? [`${builtIn} to the built-in receiver`] : []),
    ...(pending > 0 ? [`${pending} not finished`] : []),
    ...(jobs > 0 ? [`${count(jobs, 'AI job', 'AI jobs')} not finished`] : []),
  ];
  const requests = refused > 0 ? `; ${count(refused, 'request', 'requests')} refused` : '';
  const relied = count(assumptions.length, 'undocumented behaviour', 'undocumented behaviours');
  return `carvos: ${deliveries.join(', ')}${requests}; relied on ${relied}`;
}

/** The same for programs. */
export function documentRun({ exitCode, status, builtIn, refused, assumptions, loop }: RunEnd): RunDocument {
  return {
    exit_code: exitCode,
    deliveries: status.deliveries,
    unfinished_jobs: openJobs(status),
    to_built_in_receiver: builtIn,
    refused,
    assumptions: assumptions.map(({ id }) => id),
    ...(loop && { echoes: loop.echoes }),
  };
}
