import { createHistogram } from 'node:perf_hooks';
import type { FeedEntry, StatusView } from '../../contract/control.ts';
import type { SoakDocument } from '../../contract/output/running.ts';
import { roundMs } from '../../contract/round-ms.ts';
import { formatDuration } from '../text/duration.ts';
import { openJobs } from './run-record.ts';

/** Requests that reach the receiver whole, by the fault of an attempt; one otherwise. */
const REACHES: Record<string, number> = {
  duplicate: 2,
  reset: 0,
  'status-429': 0,
  'status-500': 0,
  'status-503': 0,
};

interface RoundEnd {
  seed: number;
  /** Of the command. */
  exitCode: number;
  status: Pick<StatusView, 'deliveries' | 'jobs'>;
  /** It was stopped from outside, which says nothing of the receiver. */
  interrupted: boolean;
}

/** What a soak came to so far. Bounded, however long it runs. */
export function createSoakTally() {
  // In microseconds; buckets, not values, so that its size does not grow.
  const answers = createHistogram();
  const sum = { rounds: 0, failed: 0, accepted: 0, delivered: 0, exhausted: 0, unfinished: 0, duplicates: 0 };
  let firstFailing: number | null = null;
  /** Requests that reached the receiver in this round, by event. */
  let reached = new Map<string, number>();
  return {
    /** Everything that the gateway of the present round publishes. */
    take(entry: FeedEntry): void {
      if (entry.type === 'request.accepted' && !entry.duplicate) sum.accepted++;
      if (entry.type !== 'attempt.finished') return;
      const { event_id, fault, duration_ms, response_status } = entry.record;
      const id = event_id ?? entry.record.delivery_id;
      const requests = (fault === null ? undefined : REACHES[fault]) ?? 1;
      const before = reached.get(id) ?? 0;
      reached.set(id, before + requests);
      sum.duplicates += Math.max(0, before + requests - 1) - Math.max(0, before - 1);
      // With a fault the time is ours, and without a status there was no answer.
      if (fault === null && response_status !== null)
        answers.record(Math.max(1, Math.round(duration_ms * 1000)));
    },
    /** @returns whether the round failed. */
    endRound({ seed, exitCode, status, interrupted }: RoundEnd): boolean {
      const { deliveries } = status;
      reached = new Map();
      sum.rounds++;
      sum.delivered += deliveries.delivered;
      sum.exhausted += deliveries.exhausted;
      sum.unfinished += deliveries.pending + openJobs(status);
      const failed = !interrupted && (exitCode !== 0 || deliveries.exhausted > 0);
      if (!failed) return false;
      sum.failed++;
      firstFailing ??= seed;
      return true;
    },
    document(elapsedMs: number): SoakDocument {
      const at = (percent: number) =>
        answers.count === 0 ? null : roundMs(answers.percentile(percent) / 1000);
      return {
        ...sum,
        elapsed_ms: Math.round(elapsedMs),
        answers_ms: { count: answers.count, p50: at(50), p99: at(99) },
        first_failing_seed: firstFailing,
      };
    },
  };
}

/** The report at the end. */
export function describeSoak(soak: SoakDocument): string[] {
  const { rounds, failed, answers_ms, first_failing_seed } = soak;
  const { p50, p99 } = answers_ms;
  const ms = (value: number | null) => (value === null ? '-' : `${value} ms`);
  const lines = [
    `carvos: soak of ${formatDuration(soak.elapsed_ms)}: ${rounds} ${rounds === 1 ? 'round' : 'rounds'}, ${failed} failed`,
    `  accepted ${soak.accepted}, delivered ${soak.delivered}, exhausted ${soak.exhausted}, not finished ${soak.unfinished}`,
    `  duplicates that the receiver got: ${soak.duplicates}`,
    `  answers: p50 ${ms(p50)}, p99 ${ms(p99)}`,
  ];
  if (first_failing_seed !== null)
    lines.push(
      `  first failing seed: ${first_failing_seed}`,
      `  next: call it as before, but with --soak 0s --seed ${first_failing_seed}`,
    );
  return lines;
}
