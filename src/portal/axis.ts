import { formatDuration } from '../cli/text/duration.ts';
import { describeAttempt } from '../cli/text/times.ts';
import { startOfTrace, timesOf } from '../cli/text/trace.ts';
import type { Trace } from '../contract/control.ts';

/** One bar of the waterfall; times are milliseconds of production time from the acceptance. */
export interface Bar {
  key: string;
  label: string;
  from: number;
  to: number;
  /** `later`: still to come. */
  tone: 'good' | 'bad' | 'later';
  note: string;
  /** The attempt in the log, for a link. */
  id?: string;
}

/** What a reference caused, in the order in which it happened. */
export function barsOf(trace: Trace): Bar[] {
  const start = startOfTrace(trace);
  const since = (at: string) => Math.max(0, Date.parse(at) - start);
  const { accepted, job, deliveries } = trace;
  const bars: Bar[] = [];
  if (accepted) {
    const [label, note] = [`accepted ${accepted.event}`, `by ${accepted.via}`];
    bars.push({ key: 'accepted', label, from: 0, to: 0, tone: 'good', note });
  }
  if (job?.started_at) {
    const { id, state, started_at, finished_at } = job;
    const tone = state === 'done' ? 'good' : state === 'failed' ? 'bad' : 'later';
    const to = since(finished_at ?? started_at);
    bars.push({ key: id, label: 'AI job', from: since(started_at), to, tone, note: state });
  }
  for (const delivery of deliveries) {
    const named = (name: string) => `${delivery.event ?? ''} ${name}`.trim();
    for (const record of delivery.attempts) {
      const { id, outcome, error, duration_ms } = record;
      const { production, real } = timesOf(start, delivery, record);
      const to = Math.max(0, production ?? real);
      const status = record.response_status ?? error?.code ?? outcome;
      bars.push({
        key: id,
        id,
        label: named(describeAttempt(record)),
        from: Math.max(0, to - duration_ms),
        to,
        tone: outcome === 'success' ? 'good' : 'bad',
        note: `${status}${production === null ? ', real time' : ''}`,
      });
    }
    const next = delivery.next_attempt;
    if (next) {
      const from = (bars.at(-1)?.to ?? 0) + next.in_schedule_ms;
      const step = delivery.test || delivery.replay_of !== null ? null : next.step;
      const label = named(describeAttempt({ step, number: next.step, test: delivery.test }));
      bars.push({ key: `${delivery.id} next`, label, from, to: from, tone: 'later', note: 'to come' });
    }
  }
  return bars;
}

const TICKS = [10, 100, 1000, 10_000, 60_000, 600_000, 3_600_000, 3 * 3_600_000];

/** A place on the axis, 0 to 1, for a time up to `end`. Logarithmic, so that 5 ms and 2 h can both be read. */
export function placeOf(ms: number, end: number): number {
  return Math.min(1, Math.log10(1 + ms) / Math.log10(1 + Math.max(end, 10)));
}

/** The labelled times up to `end`. */
export function ticksOf(end: number): { at: number; text: string }[] {
  const shown = TICKS.filter((ms) => ms <= Math.max(end, 10));
  return shown.map((ms) => ({ at: placeOf(ms, end), text: formatDuration(ms) }));
}
