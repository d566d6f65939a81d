import type { Trace, WaitResult, WaitUntil } from '../../contract/control.ts';
import {
  checkExpectations,
  describeExpectations,
  type Expectation,
  type ExpectationResult,
} from '../input/expectations.ts';
import { EXIT } from '../terminal/exit-codes.ts';
import type { Io } from '../terminal/io.ts';
import type { Output } from '../terminal/output.ts';
import { formatDuration } from '../text/duration.ts';
import { openClient, translateControlError } from './with-emulator.ts';

export interface WaitRequest {
  url: string;
  token: string;
  referenceId: string;
  until: WaitUntil;
  timeoutMs: number;
  expectations: Expectation[];
  signal?: AbortSignal;
}

export interface WaitOutcome {
  exitCode: number;
  result: WaitResult;
  expectations: ExpectationResult | null;
}

/**
 * Waits for what a reference caused.
 *
 * @throws CliError (exit 5 or 4) when the control API is gone or refuses.
 */
export async function waitForReference(io: Io, output: Output, request: WaitRequest): Promise<WaitOutcome> {
  const progress =
    io.stderr.isTTY === true
      ? setTimeout(
          () =>
            output.note(
              `waiting up to ${formatDuration(request.timeoutMs)}; Ctrl-C stops waiting, not the event`,
            ),
          1000,
        )
      : undefined;
  try {
    const client = openClient({ url: request.url, token: request.token, path: null });
    const result = await client.wait(request.referenceId, {
      until: request.until,
      timeoutMs: request.timeoutMs,
      signal: request.signal,
    });
    const expectations =
      request.expectations.length > 0
        ? checkExpectations(result.trace.deliveries, request.expectations)
        : null;
    return { exitCode: judge(request, result, expectations), result, expectations };
  } catch (error) {
    throw translateControlError(error, null);
  } finally {
    clearTimeout(progress);
  }
}

function judge(
  { until }: WaitRequest,
  { done, met, trace }: WaitResult,
  expectations: ExpectationResult | null,
): number {
  if (!done) return EXIT.timeout;
  if (expectations !== null) return expectations.met ? EXIT.ok : EXIT.notMet;
  if (!met) return EXIT.notMet;
  const accepted = (delivery: Trace['deliveries'][number]) =>
    until === 'first-attempt'
      ? delivery.attempts[0]?.outcome === 'success' || delivery.state === 'delivered'
      : delivery.state === 'delivered';
  return trace.deliveries.every(accepted) ? EXIT.ok : EXIT.notMet;
}

/** What was waited for, as lines for a person. */
export function describeWait(
  output: Output,
  request: Pick<WaitRequest, 'timeoutMs'>,
  { result, expectations }: Pick<WaitOutcome, 'result' | 'expectations'>,
): void {
  const { paint } = output;
  const { job, deliveries } = result.trace;
  if (job !== null && job.state === 'failed')
    output.line(`job failed  ${job.error?.message ?? ''}`.trimEnd());
  if (result.done && deliveries.length === 0) output.line('no outgoing event followed');
  for (const delivery of deliveries) {
    const state = delivery.state ?? 'unknown';
    const color = state === 'delivered' ? paint.green : state === 'exhausted' ? paint.red : paint.yellow;
    const count = `${delivery.attempt_count} ${delivery.attempt_count === 1 ? 'attempt' : 'attempts'}`;
    output.line(
      `${color(state)}  ${delivery.event ?? ''}  outgoing (CarvOS → ATS)  ${delivery.id}  ${count}`,
    );
    for (const record of delivery.attempts) {
      const answer =
        record.response_status === null
          ? (record.error?.message ?? record.outcome)
          : `${record.response_status}`;
      output.line(
        paint.dim(
          `  ${record.id}  ${record.outcome}  ${output.safe(answer)}  ${formatDuration(record.duration_ms)}`,
        ),
      );
    }
  }
  if (expectations !== null)
    for (const line of describeExpectations(expectations)) output.line(output.safe(line));
  if (result.done) return;
  output.note(`gave up after ${formatDuration(request.timeoutMs)}; the gateway goes on with it.`);
  if (job !== null && (job.state === 'queued' || job.state === 'running'))
    output.note(`  the job is ${job.state}`);
  for (const { id, event, state, next_attempt: next } of deliveries) {
    if (state !== 'pending') continue;
    output.note(
      `  ${event ?? ''} ${id} is pending: ${next === null ? 'an attempt is in flight' : describeNext(next)}`,
    );
  }
}

function describeNext(next: NonNullable<Trace['deliveries'][number]['next_attempt']>): string {
  const production = `${formatDuration(Math.max(0, next.in_schedule_ms))} of production time`;
  if (next.in_real_ms === null)
    return `attempt ${next.step} is due in ${production}, when the clock moves (carvos clock)`;
  if (next.in_real_ms <= 0)
    return `attempt ${next.step} is due now; it waits for a webhook URL, for what carvos exec --wait-for names, or for its turn (carvos status)`;
  return `attempt ${next.step} is due in ${formatDuration(next.in_real_ms)} (${production})`;
}
