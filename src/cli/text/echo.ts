import type { FeedEntry, LogRecord, Trace } from '../../contract/control.ts';
import { calledAs } from '../../files/called-as.ts';
import { neutralizeLine } from '../terminal/neutralize.ts';
import type { Paint } from '../terminal/output.ts';
import { formatDuration } from './duration.ts';

/** Once can be chance: a user saves a form without a change. From this depth on it is said. */
const TELLING_DEPTH = 2;

type Finished = Extract<FeedEntry, { type: 'job.finished' }>;
type Echo = NonNullable<Trace['echoes']>[number];

/** `echo 3` for a record from the depth on that is telling; else nothing. */
export function echoText({ echo_depth: depth = 0 }: Pick<LogRecord, 'echo_depth'>): '' | `echo ${number}` {
  return depth < TELLING_DEPTH ? '' : `echo ${depth}`;
}

/** Of a long chain the first and the last are shown. */
const HEAD = 3;
const TAIL = 9;

/** What happens, and how to end it: said once for each chain, where it becomes telling. */
export function explainEcho(
  { echo, reference_id }: Finished,
  { afterwards = false }: { afterwards?: boolean },
): string[] {
  if (echo?.depth !== TELLING_DEPTH) return [];
  const draw = afterwards ? [] : [`${calledAs()} trace ${neutralizeLine(reference_id)} draws the chain.`];
  return [
    `Echo loop: ${echo.kind} ${neutralizeLine(echo.id)} came back twice with the values that had just been delivered. Your ATS stores what CarvOS delivers and reports that as a change of its own, without end.`,
    HOW_TO_END,
    ...draw,
  ];
}

/** Any one of these ends an echo loop. */
const HOW_TO_END =
  'End it in your ATS by one of these: compare before you write, and send nothing where no value changes; mark what CarvOS wrote, so that your change hook leaves it out; do not store what answers an event of your own (keep the reference_id of its 202 beside your event_id).';

/** The chain that a reference belongs to, a line for each event in it; empty where it is in none. */
export function formatEchoes(
  { echoes, reference_id }: Pick<Trace, 'echoes' | 'reference_id'>,
  paint: Paint,
): string[] {
  if (echoes === undefined || echoes.length === 0) return [];
  const start = Date.parse(echoes[0]!.at);
  const line = (echo: Echo) => {
    const lead = echo.depth === 0 ? '    0' : `${'↳'.padStart(3)} ${echo.depth}`;
    const after = formatDuration(Date.parse(echo.at) - start);
    const text = `${lead}  ${neutralizeLine(echo.event)}  ${echo.reference_id}  +${after}`;
    return echo.reference_id === reference_id ? `${paint.bold(text)}  this one` : text;
  };
  const left = echoes.length - HEAD - TAIL;
  const shown =
    left <= 1
      ? echoes.map(line)
      : [...echoes.slice(0, HEAD).map(line), `      … ${left} more`, ...echoes.slice(-TAIL).map(line)];
  const times = echoes.at(-1)!.depth;
  return [
    paint.yellow(`echoes    the same data came back ${times} ${times === 1 ? 'time' : 'times'}`),
    ...shown,
  ];
}

/** Why a run was ended before its time. */
export function describeLoop(trace: Pick<Trace, 'echoes' | 'reference_id'>, paint: Paint): string[] {
  return [
    'carvos: ended at an echo loop: your ATS stores what CarvOS delivers, and reports that as a change of its own',
    ...[...formatEchoes(trace, paint), HOW_TO_END].map((line) => `  ${line}`),
    '  next: mend it there; --max-echo off lets such a run go on',
  ];
}

/**
 * Whether an entry of the feed shows an echo loop of that depth.
 *
 * @param atsId of this ATS alone.
 */
export function isEndless(entry: FeedEntry, maxEcho: number, atsId?: string): entry is Finished {
  return (
    entry.type === 'job.finished' &&
    entry.echo !== undefined &&
    entry.echo.depth >= maxEcho &&
    (atsId === undefined || entry.echo.ats_id === atsId)
  );
}
