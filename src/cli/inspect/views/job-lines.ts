import type { AiAttemptView, Trace } from '../../../contract/control.ts';
import { formatDuration } from '../../text/duration.ts';
import { describeAiAttempt, startOfTrace } from '../../text/trace.ts';
import type { Line } from '../json-lines.ts';
import type { State } from '../state.ts';
import type { Style } from '../style.ts';
import { fact, painted, plain } from './text-lines.ts';

type Job = NonNullable<Trace['job']>;

const MARKS = { queued: '○', running: '◉', done: '✓', failed: '✗' } as const;

/** The job behind a delivery: its state, each time that the AI was asked, and what it led to. */
export function jobLines(state: State, width: number, style: Style): Line[] {
  const { trace } = state.detail;
  if (trace === null) return plain('No event was accepted here, so there is no job.', width);
  const { job, accepted } = trace;
  if (job === null) return plain('No AI job: nothing that was accepted caused this.', width);
  const colour = job.state === 'failed' ? style.red : job.state === 'done' ? style.green : style.yellow;
  const run = job.run > 1 ? `, run ${job.run}` : '';
  const facts: [string, string | null][] = [
    ['error', job.error ? `${job.error.code}: ${job.error.message}` : null],
    ['job', job.id],
    ['event', accepted?.event ?? null],
    ['accepted', job.created_at],
    ['began', job.started_at],
    ['ended', job.finished_at],
    ['took', took(job, state.now)],
  ];
  return [
    {
      text:
        colour(`${MARKS[job.state]} ${job.state}${run}`) +
        (job.state === 'failed' ? again(state, style) : ''),
    },
    ...facts.flatMap(([name, value]) => (value === null ? [] : fact(name, value, width, style))),
    { text: '' },
    ...attemptLines(job, trace, width, style),
    { text: '' },
    ...(trace.deliveries.length === 0
      ? [{ text: trace.settled ? 'No outgoing event followed.' : 'No outgoing event yet.' }]
      : trace.deliveries.flatMap((one) => plain(`led to ${one.event}  ${one.state}  ${one.id}`, width))),
  ];
}

function again(state: State, style: Style): string {
  return state.connection === 'read-only' ? '' : `   ${style.yellow('x runs it again')}`;
}

/** While it runs: until now. */
function took(job: Job, now: number): string | null {
  if (job.started_at === null) return null;
  const began = Date.parse(job.started_at);
  if (job.finished_at !== null && job.state !== 'running')
    return formatDuration(Date.parse(job.finished_at) - began);
  const seconds = Math.max(0, Math.floor((now - began) / 1000));
  return `${formatDuration(seconds * 1000)} so far`;
}

function attemptLines(job: Job, trace: Trace, width: number, style: Style): Line[] {
  const under =
    job.state === 'running' ? [{ text: style.yellow('◉ the AI is asked, and has not answered') }] : [];
  if (job.attempts.length === 0) {
    if (job.state === 'running') return under;
    return [{ text: job.state === 'queued' ? 'It waits for its turn.' : 'The AI was not asked.' }];
  }
  const start = startOfTrace(trace);
  const title =
    job.attempts.length === 1 ? 'The AI was asked once' : `The AI was asked ${job.attempts.length} times`;
  return [
    { text: style.bold(title) },
    ...job.attempts.flatMap((attempt) => painted(attemptText(attempt, job, start, style), width)),
    ...under,
  ];
}

function attemptText(attempt: AiAttemptView, job: Job, start: number, style: Style): string {
  const text = describeAiAttempt(attempt, start, style);
  if (attempt.outcome === 'failed' || attempt.error !== null) return `${style.red('✗')} ${text}`;
  // An answer can be that it failed. Earlier runs all did, or there were none after them.
  const lastOfRun = job.attempts.filter((one) => one.run === attempt.run).at(-1) === attempt;
  if (lastOfRun && (attempt.run < job.run || job.state === 'failed'))
    return `${style.red('✗')} ${text}  answered that it failed`;
  return `${style.green('✓')} ${text}`;
}
