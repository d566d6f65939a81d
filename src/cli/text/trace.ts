import type { AiAttemptView, LogRecord, Trace } from '../../contract/control.ts';
import { DIRECTION_LABEL } from '../../contract/event-names.ts';
import { MAX_STEPS, RETRY_DELAYS_MS } from '../../contract/retry-schedule.ts';
import { neutralizeLine } from '../terminal/neutralize.ts';
import type { Paint } from '../terminal/output.ts';
import { describeOutcome } from './deliveries-table.ts';
import { formatDuration } from './duration.ts';
import { formatEchoes } from './echo.ts';
import { attemptName, describeDue, timeOfReference } from './times.ts';

type TracedDelivery = Trace['deliveries'][number];

/** Where the times of a trace start: at the acceptance, or at the first delivery where nothing was accepted. */
export function startOfTrace(trace: Trace): number {
  return Date.parse(trace.accepted?.at ?? trace.deliveries[0]?.created_at ?? '');
}

/**
 * When an attempt ended, in milliseconds from the acceptance. `production`: by the production schedule; `null` for replays and
 * interrupted attempts, which are outside it.
 */
export function timesOf(start: number, delivery: TracedDelivery, record: LogRecord) {
  const inSchedule = record.production_ms !== null && record.step !== null;
  return {
    production: inSchedule ? Date.parse(delivery.created_at) - start + record.production_ms! : null,
    real: Date.parse(record.occurred_at) - start + record.duration_ms,
  };
}

/** What a reference caused, on both clocks, as lines for a person. */
export function formatTrace(trace: Trace, paint: Paint): string[] {
  const start = startOfTrace(trace);
  const lines = [paint.bold(`reference ${trace.reference_id}`)];
  const { accepted, job } = trace;
  if (accepted) {
    const { event, event_id, client_id, via, at } = accepted;
    const way = `${neutralizeLine(event)}  ${DIRECTION_LABEL.incoming}`;
    lines.push(`accepted  ${way}  by ${via}  ${at}`);
    lines.push(
      paint.dim(`          event_id ${neutralizeLine(event_id ?? '-')}, client ${neutralizeLine(client_id)}`),
    );
  } else {
    const made = timeOfReference(trace.reference_id);
    lines.push(`accepted  nothing: no request caused it${made ? `; made ${made}` : ''}`);
  }
  if (job) lines.push(`AI job    ${describeJob(job, start, paint)}`);
  for (const attempt of job?.attempts ?? [])
    lines.push(`          ${describeAiAttempt(attempt, start, paint)}`);
  lines.push(...formatEchoes(trace, paint));
  for (const delivery of trace.deliveries) lines.push('', ...formatOne(delivery, start, paint));
  if (trace.deliveries.length === 0) {
    lines.push('', trace.settled ? 'No outgoing event followed.' : 'No outgoing event yet.');
  }
  return lines;
}

export function describeJob(job: NonNullable<Trace['job']>, start: number, paint: Paint): string {
  const begun = job.started_at === null ? null : Date.parse(job.started_at);
  const ended = job.finished_at === null ? null : Date.parse(job.finished_at);
  const parts: string[] = [job.state === 'failed' ? paint.red('failed') : job.state];
  if (begun !== null) parts.push(`began +${formatDuration(begun - start)}`);
  if (begun !== null && ended !== null) parts.push(`took ${formatDuration(ended - begun)}`);
  if (job.run > 1) parts.push(`run ${job.run}`);
  if (job.error) parts.push(neutralizeLine(`${job.error.code}: ${job.error.message}`));
  return parts.join('  ');
}

/** `attempt 2  +1.2s  took 30ms  by service  ai_http_error: the AI answered 500`. */
export function describeAiAttempt(attempt: AiAttemptView, start: number, paint: Paint): string {
  const { run, number, backend, error, fault } = attempt;
  const parts = [
    `attempt ${run > 1 ? `${run}.` : ''}${number}`,
    `+${formatDuration(Date.parse(attempt.started_at) - start)}`,
    `took ${formatDuration(attempt.duration_ms)}`,
    `by ${neutralizeLine(backend)}`,
  ];
  if (error) parts.push(paint.red(neutralizeLine(`${error.code}: ${error.message}`)));
  if (fault) parts.push(paint.yellow(`fault ${neutralizeLine(fault)}`));
  return parts.join('  ');
}

function formatOne(delivery: TracedDelivery, start: number, paint: Paint): string[] {
  const { state } = delivery;
  const colour = state === 'delivered' ? paint.green : state === 'exhausted' ? paint.red : paint.yellow;
  const link = delivery.replay_of ? `, replays ${delivery.replay_of}` : '';
  const lines = [
    `${paint.bold(neutralizeLine(delivery.event ?? '?'))}  ${DIRECTION_LABEL.outgoing}  ${colour(state ?? '')}  ${delivery.id}${link}`,
  ];
  if (delivery.attempts.length > 0) lines.push(paint.dim('  PRODUCTION  REAL      ATTEMPT  TOOK    RESULT'));
  for (const record of delivery.attempts) {
    const { production, real } = timesOf(start, delivery, record);
    const result = (record.outcome === 'success' ? paint.green : paint.red)(
      neutralizeLine(describeOutcome(record)),
    );
    const cells = [
      (production === null ? '-' : `+${formatDuration(production)}`).padEnd(10),
      `+${formatDuration(real)}`.padEnd(8),
      attemptName(record).padEnd(7),
      formatDuration(record.duration_ms).padEnd(6),
      `${result}${record.fault ? paint.yellow(`, fault ${neutralizeLine(record.fault)}`) : ''}`,
    ];
    lines.push(`  ${cells.join('  ')}`);
  }
  const next = describeNextAttempt(delivery);
  if (next) lines.push(paint.yellow(`  next: ${next}`));
  return lines;
}

/** What is to come, and why then; `null` when nothing is. */
export function describeNextAttempt(delivery: TracedDelivery): string | null {
  const { next_attempt: next, state, replay_of, test } = delivery;
  if (state !== 'pending') return null;
  if (next === null) return 'an attempt is in flight';
  if (test) return `the test event's attempt ${describeDue(next)}`;
  if (replay_of !== null) return `the replay's attempt ${describeDue(next)}`;
  const why =
    next.step === 1
      ? 'it was not attempted yet'
      : `${formatDuration(RETRY_DELAYS_MS[next.step - 1] ?? 0)} after the end of attempt ${next.step - 1}`;
  return `attempt ${next.step}/${MAX_STEPS} ${describeDue(next)}: ${why}`;
}
