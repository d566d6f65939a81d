import type { ControlClient } from '../../client/control-client.ts';
import type { Trace, WaitResult, WaitUntil } from '../../contract/control.ts';
import type { Criterion, MatchResult } from '../../contract/delivery-match.ts';
import { asCalled } from '../../files/called-as.ts';
import { checkExpectations, describeExpectations } from '../input/expectations.ts';
import { EXIT } from '../terminal/errors.ts';
import type { Io } from '../terminal/io.ts';
import type { Output } from '../terminal/output.ts';
import { formatDuration } from '../text/duration.ts';
import type { Reader } from '../text/feed.ts';
import { type ExplainedDelivery, explainDeliveries } from './explain-deliveries.ts';
import type { ReferenceWatch } from './watch-reference.ts';
import { translateControlError } from './with-emulator.ts';

export interface WaitRequest {
  client: ControlClient;
  referenceId: string;
  /** `null`: settled, and with a result. */
  until: WaitUntil | null;
  timeoutMs: number;
  expectations: Criterion[];
  signal?: AbortSignal;
  /** Tells of the attempts while they are made. */
  watch?: ReferenceWatch | null;
  /** Where the configuration has another secret than the gateway. */
  differing?: Reader['differing'];
}

export interface WaitOutcome {
  exitCode: number;
  result: WaitResult;
  deliveries: ExplainedDelivery[];
  /** Ids of attempts that were told while they were made. */
  told: ReadonlySet<string>;
  expectations: MatchResult | null;
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
  let told: ReadonlySet<string> = new Set();
  try {
    const { client } = request;
    request.watch?.follow(request.referenceId);
    const result = await client.wait(request.referenceId, {
      until: request.until ?? 'settled',
      timeoutMs: request.timeoutMs,
      signal: request.signal,
    });
    told = (await request.watch?.end(result.trace)) ?? told;
    const deliveries = await explainDeliveries(client, result.trace.deliveries, request.differing);
    const expectations =
      request.expectations.length > 0
        ? checkExpectations(result.trace.deliveries, request.expectations)
        : null;
    return { exitCode: judge(request, result, expectations), result, deliveries, told, expectations };
  } catch (error) {
    void request.watch?.end(null);
    throw translateControlError(error, null);
  } finally {
    clearTimeout(progress);
  }
}

/**
 * Says at once where only another command can bring on what is waited for.
 *
 * @throws CliError (exit 5 or 4) when the control API is gone or refuses.
 */
export async function sayWhetherItMoves(output: Output, client: ControlClient): Promise<void> {
  const { mode } = await client.clock().catch((error: unknown) => {
    throw translateControlError(error, null);
  });
  if (mode !== 'manual' && mode !== 'paused') return;
  const [what, how] =
    mode === 'manual'
      ? ['moves only when told (--speed manual)', 'carvos clock next']
      : ['is paused', 'carvos clock resume'];
  output.note(
    `the clock ${what}: the first attempt is made at once, but no retry comes until another terminal runs ${asCalled(how)}`,
  );
}

function judge(
  { until }: WaitRequest,
  { done, met, trace }: WaitResult,
  expectations: MatchResult | null,
): number {
  if (!done) return EXIT.timeout;
  if (expectations !== null) return expectations.met ? EXIT.ok : EXIT.notMet;
  if (!met) return EXIT.notMet;
  // A job that failed and one that nothing followed are not what was waited for, unless somebody asked to know only
  // that all is over.
  const isResult = trace.deliveries.length > 0 && trace.job?.state !== 'failed';
  if (!isResult && until !== 'settled') return EXIT.notMet;
  const accepted = (delivery: Trace['deliveries'][number]) =>
    until === 'first-attempt'
      ? delivery.attempts[0]?.outcome === 'success' || delivery.state === 'delivered'
      : delivery.state === 'delivered';
  return trace.deliveries.every(accepted) ? EXIT.ok : EXIT.notMet;
}

/** What was waited for, as lines for a person, without what was told while it happened. */
export function describeWait(
  output: Output,
  request: Pick<WaitRequest, 'timeoutMs'>,
  { result, deliveries, told, expectations }: Omit<WaitOutcome, 'exitCode'>,
): void {
  const { paint } = output;
  const { job } = result.trace;
  if (job !== null && job.state === 'failed')
    output.line(paint.red(`job failed  ${output.safe(job.error?.message ?? '')}`.trimEnd()));
  if (result.done && deliveries.length === 0) output.line(paint.yellow('no outgoing event followed'));
  for (const delivery of deliveries) {
    const state = delivery.state ?? 'unknown';
    const color = state === 'delivered' ? paint.green : state === 'exhausted' ? paint.red : paint.yellow;
    const count = `${delivery.attempt_count} ${delivery.attempt_count === 1 ? 'attempt' : 'attempts'}`;
    output.line(
      `${color(state)}  ${delivery.event ?? ''}  outgoing (CarvOS → ATS)  ${delivery.id}  ${count}`,
    );
    const untold = delivery.attempts.filter(({ id }) => !told.has(id));
    for (const record of untold) {
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
    if (untold.length > 0 && delivery.why !== null)
      output.line(`  ${paint.yellow(output.safe(delivery.why))}`);
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
      `  ${event ?? ''} ${id} is pending: ${next === null ? 'an attempt is in flight' : asCalled(describeNext(next))}`,
    );
  }
}

function describeNext(next: NonNullable<Trace['deliveries'][number]['next_attempt']>): string {
  const production = `${formatDuration(Math.max(0, next.in_schedule_ms))} of production time`;
  if (next.in_real_ms === null)
    return `attempt ${next.step} is due in ${production}, when the clock moves (carvos clock)`;
  if (next.in_schedule_ms <= 0)
    return `attempt ${next.step} is due now; it waits for a webhook URL, for what carvos exec --wait-for names, or for its turn (carvos status)`;
  const real = next.in_real_ms <= 0 ? 'at once' : `in ${formatDuration(next.in_real_ms)}`;
  return `attempt ${next.step} is due ${real} (${production})`;
}
