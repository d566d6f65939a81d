import { startOfTrace, timesOf } from '../cli/text/trace.ts';
import type { Trace } from '../contract/control.ts';

/** One bar of the waterfall; times are milliseconds of production time from the acceptance. */
export interface Bar {
  key: string;
  kind: 'accepted' | 'job' | 'attempt';
  label: string;
  from: number;
  to: number;
  /** `null` for what is still to come. */
  good: boolean | null;
  /** The attempt in the log, for a link. */
  id: string | null;
  note: string;
}

/** What a reference caused, in the order in which it happened. */
export function barsOf(trace: Trace): Bar[] {
  const start = startOfTrace(trace);
  const since = (at: string) => Math.max(0, Date.parse(at) - start);
  const bars: Bar[] = [];
  const { accepted, job } = trace;
  if (accepted) {
    const note = `by ${accepted.via}`;
    bars.push({
      key: 'accepted',
      kind: 'accepted',
      label: `accepted ${accepted.event}`,
      from: 0,
      to: 0,
      good: true,
      id: null,
      note,
    });
  }
  if (job?.started_at) {
    const good = job.state === 'done' ? true : job.state === 'failed' ? false : null;
    const to = job.finished_at === null ? since(job.started_at) : since(job.finished_at);
    bars.push({
      key: job.id,
      kind: 'job',
      label: 'AI job',
      from: since(job.started_at),
      to,
      good,
      id: null,
      note: job.state,
    });
  }
  for (const delivery of trace.deliveries) {
    for (const record of [...delivery.attempts].sort((a, b) => a.number - b.number)) {
      const { production, real } = timesOf(start, delivery, record);
      const to = Math.max(0, production ?? real);
      const status = record.response_status ?? record.error?.code ?? record.outcome;
      const step =
        record.step === null ? (delivery.replay_of ? 'replay' : 'attempt') : `attempt ${record.step}`;
      bars.push({
        key: record.id,
        kind: 'attempt',
        label: `${delivery.event ?? ''} ${step}`.trim(),
        from: Math.max(0, to - record.duration_ms),
        to,
        good: record.outcome === 'success',
        id: record.id,
        note: `${status}${production === null ? ', real time' : ''}`,
      });
    }
    const next = delivery.next_attempt;
    const last = bars.at(-1)?.to ?? 0;
    if (next) {
      const from = last + next.in_schedule_ms;
      const label = `${delivery.event ?? ''} attempt ${next.step}`.trim();
      bars.push({
        key: `${delivery.id} next`,
        kind: 'attempt',
        label,
        from,
        to: from,
        good: null,
        id: null,
        note: 'to come',
      });
    }
  }
  return bars;
}

const TICKS: readonly (readonly [ms: number, text: string])[] = [
  [10, '10ms'],
  [100, '100ms'],
  [1000, '1s'],
  [10_000, '10s'],
  [60_000, '1m'],
  [600_000, '10m'],
  [3_600_000, '1h'],
  [3 * 3_600_000, '3h'],
];

/**
 * A place on the axis, 0 to 1, for a time up to `end`. Logarithmic, so that 5 ms and 2 h can both be read; the axis says
 * so.
 */
export function placeOf(ms: number, end: number): number {
  return Math.min(1, Math.log10(1 + ms) / Math.log10(1 + Math.max(end, 10)));
}

/** The labelled times up to `end`. */
export function ticksOf(end: number): { at: number; text: string }[] {
  return TICKS.filter(([ms]) => ms <= Math.max(end, 10)).map(([ms, text]) => ({
    at: placeOf(ms, end),
    text,
  }));
}
