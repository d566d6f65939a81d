import { setImmediate, setTimeout } from 'node:timers/promises';
import { isAccepted } from '../../post-bytes.ts';
import { effectsOf } from '../count-events.ts';
import { OUTGOING } from '../documented.ts';
import { excerptAnswer } from '../judge.ts';
import { failed, notJudged, type Probe, type ProbeEvent, passed, type Receiver } from '../probe.ts';
import { now, signedRequest } from '../requests.ts';
import { ACCEPTS_VALID } from './acceptance.ts';

/** The receiver as a program that can be killed and started again. */
export interface Program {
  /** Kills it at once, with all that it started, and waits until it is gone. Returns why it is not; `null` when it is. */
  kill(): Promise<string | null>;
  /** Starts it again, and waits until it listens. Returns why it does not; `null` when it does. */
  start(): Promise<string | null>;
}

/** Attempts of one delivery (contract, section 5); the killed one is the first. */
const ATTEMPTS = 5;
/** Events that are left undisturbed: the first finds everything cold, the others say what one event adds. */
const UNDISTURBED = 3;
/** Before a point timers are too coarse. */
const SPIN_MS = 3;

export const CRASH_FACTS: Omit<Probe, 'run'> = {
  id: 'crash',
  level: 'recommended',
  title: 'Killed in the middle of a webhook, it does nothing twice and forgets nothing',
  why: 'A program can die at any line: a deploy, full memory, a power cut. CarvOS got no answer and sends the event again. Work that was half done must then be neither done again nor taken for done.',
  documented: OUTGOING,
  fix: 'Store event_id and the work in one transaction, and answer 200 after its commit. What cannot be part of it, as an e-mail, is stored as a task in the same transaction and done from there.',
  after: [ACCEPTS_VALID, 'duplicate'],
};

/** What became of one event whose first attempt ended with a kill. */
interface Fate {
  /** Part of the time that an answer takes, in percent. */
  at: number;
  /** How it went wrong; `null` where it counted once. */
  wrong: string | null;
}

/**
 * Kills the receiver while it works on an event, delivers it again as CarvOS does, and looks at what it did in the end.
 *
 * @param seed decides when: the same seed, the same points.
 */
export function crashProbe(program: Program, kills: number, seed: number): Probe {
  return {
    ...CRASH_FACTS,
    async run(receiver) {
      const undisturbed = await measure(receiver);
      if (typeof undisturbed === 'string') return notJudged(undisturbed);
      const { answerMs, adds } = undisturbed;
      const fates: Fate[] = [];
      for (const part of pointsOf(kills, seed)) {
        const at = Math.round(part * 100);
        const before = await receiver.readState();
        const event = freshCandidate(receiver);
        const attempt = receiver.post(signedRequest(receiver, event), 'a webhook that a kill interrupts');
        const moment = performance.now() + part * answerMs;
        await (part === 1 ? attempt : Promise.race([attempt, waitUntil(moment)]));
        const left = await program.kill();
        const answered = isAccepted(await attempt);
        const when = `killed at ${at} % of the time that an answer takes`;
        if (left !== null) return notJudged(`${left}; ${when}`);
        const problem = await program.start();
        if (problem !== null) {
          return failed(`it did not start again after a kill: ${problem}; ${when}`, ...describe(fates));
        }
        const refusal = answered ? null : await deliverAgain(receiver, event);
        const got = effectsOf(before, await receiver.readState(), String(event.event_id));
        fates.push({ at, wrong: refusal ?? judge(adds, got, answered) });
      }
      const head = `${kills} kills with seed ${seed}, while an answer takes ${Math.round(answerMs)} ms`;
      const wrong = describe(fates);
      return wrong.length === 0 ? passed(`${head}: each event counted once`) : failed(...wrong, head);
    },
  };
}

/** What one event adds to the state, and how long its answer takes; otherwise why that cannot be told. */
async function measure(receiver: Receiver) {
  const durations: number[] = [];
  let adds: Map<string, number> | null = null;
  for (let number = 0; number < UNDISTURBED; number++) {
    const before = await receiver.readState();
    const event = freshCandidate(receiver);
    const result = await receiver.post(signedRequest(receiver, event), 'a webhook without a kill');
    if (!isAccepted(result)) return `a webhook without a kill is not accepted: ${excerptAnswer(result)}`;
    if (number === 0) continue;
    durations.push(result.duration_ms);
    const found = effectsOf(before, await receiver.readState(), String(event.event_id));
    adds = new Map([...found].filter(([path, by]) => adds === null || adds.get(path) === by));
  }
  if (adds === null || adds.size === 0)
    return '--state does not show what one event adds: no number, list or event_id in it grows with each event alike';
  return { answerMs: Math.max(...durations), adds };
}

/** A candidate of its own, so that it adds to the state also where a known one is updated. */
function freshCandidate(receiver: Receiver): ProbeEvent {
  const event = receiver.fresh();
  const { data } = event as { data?: { candidate_id?: unknown } };
  if (typeof data?.candidate_id !== 'string') return event;
  return { ...event, data: { ...data, candidate_id: `${data.candidate_id}-${event.event_id}` } };
}

/** Delivers at full speed what was not accepted. Returns how the last attempt was refused; `null` when one was accepted. */
async function deliverAgain(receiver: Receiver, event: ProbeEvent): Promise<string | null> {
  let answer = '';
  for (let attempt = 2; attempt <= ATTEMPTS; attempt++) {
    const request = signedRequest(receiver, event, { t: now() + attempt });
    const result = await receiver.post(request, 'the same webhook after the restart');
    if (isAccepted(result)) return null;
    answer = excerptAnswer(result);
  }
  return `not accepted any more: after the restart each further attempt got ${answer}`;
}

function judge(adds: Map<string, number>, got: Map<string, number>, answered: boolean): string | null {
  const differ = [...adds].filter(([path, by]) => (got.get(path) ?? 0) !== by);
  if (differ.length === 0) return null;
  const more = differ.filter(([path, by]) => (got.get(path) ?? 0) > by);
  const shown = (more.length > 0 ? more : differ)
    .map(([path, by]) => `${path} grew by ${got.get(path) ?? 0} instead of ${by}`)
    .join(', ');
  if (more.length > 0)
    return `done twice: its work was kept when it died, and the next attempt did it again (${shown})`;
  return answered
    ? `lost: it had answered 2xx before its work was stored (${shown})`
    : `lost: the next attempt was taken for one that is done already, and answered 2xx (${shown})`;
}

/** One line for each way to go wrong, with its points. */
function describe(fates: readonly Fate[]): string[] {
  const ways = new Map<string, number[]>();
  for (const { at, wrong } of fates) if (wrong !== null) ways.set(wrong, [...(ways.get(wrong) ?? []), at]);
  return [...ways].map(
    ([wrong, points]) =>
      `${wrong}: ${points.length} of ${fates.length} kills, at ${points.map((at) => `${at} %`).join(', ')} of the time that an answer takes`,
  );
}

/**
 * One point in each stretch of equal length, so that none is left out, and the last right after the answer: whoever answers before
 * the work is stored forgets it then. Parts of 1.
 */
function pointsOf(kills: number, seed: number): number[] {
  let state = seed;
  // Mulberry32.
  const random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const within = kills - 1;
  return [...Array.from({ length: within }, (_, index) => (index + random()) / within), 1];
}

async function waitUntil(moment: number): Promise<void> {
  const left = moment - performance.now();
  if (left > SPIN_MS) await setTimeout(left - SPIN_MS);
  while (performance.now() < moment) await setImmediate();
}
