import type { DeliveryDetail, LogRecordDetail } from '../../../contract/control.ts';
import { MAX_STEPS, RETRY_DELAYS_MS } from '../../../contract/retry-schedule.ts';
import { formatCountdown } from '../../text/countdown.ts';
import { formatDuration } from '../../text/duration.ts';
import { outcomeText } from '../../text/outcome.ts';
import { attemptName, formatWallTime } from '../../text/times.ts';
import type { Line } from '../json-lines.ts';
import type { State } from '../state.ts';
import type { Style } from '../style.ts';
import { plain, tinted } from './text-lines.ts';

/** The schedule as a line of five marks, then each step: what was, what is next, what may come. */
export function timelineLines(
  delivery: DeliveryDetail,
  state: Pick<State, 'clock' | 'now'>,
  width: number,
  style: Style,
): Line[] {
  const { attempts } = delivery;
  if (delivery.direction === 'incoming') {
    return plain(
      'An incoming request is made once: CarvOS has no say in when your ATS sends it again.',
      width,
    );
  }
  if (attempts.every((one) => one.step === null) && (delivery.replay_of !== null || delivery.test)) {
    const what = delivery.test ? 'A test event' : `A replay of ${delivery.replay_of}`;
    const next = delivery.next_attempt
      ? [{ text: `○ in ${formatCountdown(delivery.next_attempt, state.clock, state.now)}` }]
      : [];
    return [
      ...plain(`${what}: one attempt, outside the schedule.`, width),
      { text: '' },
      ...attempts.map((attempt) => attemptLine(attempt, style)),
      ...next,
    ];
  }
  const marks: string[] = [];
  const lines: Line[] = [];
  for (let step = 1; step <= MAX_STEPS; step++) {
    const made = attempts.filter((attempt) => attempt.step === step);
    const last = made.at(-1);
    const isNext = delivery.next_attempt?.step === step;
    const mark = isNext ? '◉' : last ? outcomeText(last)[0]! : '○';
    const colour = isNext
      ? style.yellow
      : !last
        ? style.dim
        : last.outcome === 'success'
          ? style.green
          : style.red;
    marks.push(colour(mark));
    const delay = RETRY_DELAYS_MS[step - 1]!;
    const after = step === 1 ? 'at once' : `${formatDuration(delay)} after attempt ${step - 1}`;
    for (const attempt of made) lines.push(attemptLine(attempt, style));
    if (isNext) {
      const due = formatCountdown(delivery.next_attempt!, state.clock, state.now);
      lines.push({ text: colour(`◉ ${step}/${MAX_STEPS}  next in ${due}`) + style.dim(`  ${after}`) });
    } else if (!last) {
      const never = delivery.state === 'delivered' ? 'not needed' : after;
      lines.push({ text: style.dim(`○ ${step}/${MAX_STEPS}  ${never}`) });
    }
  }
  const gaps = RETRY_DELAYS_MS.slice(1).map((delay) => style.dim(`──${formatDuration(delay)}──`));
  const line = marks.map((mark, index) => mark + (gaps[index] ?? '')).join('');
  const ended = {
    delivered: style.green('delivered'),
    exhausted: style.red('exhausted: no further attempt'),
    pending: style.yellow('pending'),
  };
  return [
    { text: line },
    { text: '' },
    ...lines,
    { text: '' },
    ...(delivery.state ? [{ text: `state: ${ended[delivery.state]}` }] : []),
    ...(delivery.state === 'exhausted' ? [{ text: 'r sends it again' }] : []),
    ...tinted(
      'times in brackets are real, the others of production; ‖ means that the clock stands still',
      width,
      style.dim,
    ),
  ];
}

function attemptLine(attempt: LogRecordDetail, style: Style): Line {
  const colour = attempt.outcome === 'success' ? style.green : style.red;
  const name = attemptName(attempt);
  const production = attempt.production_ms === null ? '' : `  +${formatDuration(attempt.production_ms)}`;
  const result = outcomeText(attempt);
  const fault = attempt.fault ? `  fault ${attempt.fault}` : '';
  const took = `  took ${formatDuration(attempt.duration_ms)}`;
  return {
    text: `${colour(`${result[0]} ${name}  ${result.slice(2)}`)}${took}  ${formatWallTime(attempt.occurred_at)}${production}${style.yellow(fault)}`,
  };
}
