import { setTimeout as delay } from 'node:timers/promises';
import { getHead, type PostOptions } from '../../client/post-bytes.ts';
import { LONGEST_MS } from '../../transport/limit-time.ts';

const POLL_MS = 50;
const ANSWER_LIMIT_MS = 2000;

/** How it is reached: as deliveries will be. */
export type Way = Pick<PostOptions, 'tls' | 'proxy'>;

export type ReceiverWait = ReturnType<typeof waitForReceiver>;

/**
 * Asks a receiver until it answers anything over HTTP, also an error: then it is up. Nothing signed is sent.
 *
 * @param onAnswer called once.
 */
export function waitForReceiver(url: URL, way: Way, onAnswer: () => void) {
  const stopped = new AbortController();
  let answered = false;
  let lastProblem = 'it was not asked yet';
  const poll = async () => {
    while (!stopped.signal.aborted) {
      const problem = await ask(url, way, stopped.signal);
      if (stopped.signal.aborted) return;
      if (problem === null) {
        answered = true;
        onAnswer();
        return;
      }
      lastProblem = problem;
      await delay(POLL_MS, undefined, { signal: stopped.signal }).catch(() => {});
    }
  };
  void poll();
  return {
    get answered() {
      return answered;
    },
    /** Why the last try failed. */
    get lastProblem() {
      return lastProblem;
    },
    stop: () => stopped.abort(),
  };
}

/** Waits until a receiver answers, its program ends, its time is over, or `signal` is aborted. */
export async function untilAnswer(
  url: URL,
  way: Way,
  { limitMs, ended, signal }: { limitMs: number; ended?: Promise<number> | undefined; signal?: AbortSignal },
): Promise<{ how: 'answered' | 'ended' | 'late' | 'interrupted'; lastProblem: string }> {
  const over = new AbortController();
  const stop = signal === undefined ? over.signal : AbortSignal.any([over.signal, signal]);
  let wait = null as ReceiverWait | null;
  const how = await Promise.race([
    new Promise<'answered'>((resolve) => {
      wait = waitForReceiver(url, way, () => resolve('answered'));
    }),
    ...(ended === undefined ? [] : [ended.then(() => 'ended' as const)]),
    delay(Math.min(limitMs, LONGEST_MS), 'late' as const, { signal: stop }).catch(
      () => 'interrupted' as const,
    ),
  ]);
  wait?.stop();
  over.abort();
  return { how, lastProblem: wait?.lastProblem ?? '' };
}

/** @returns why there was no answer, or `null`. */
async function ask(url: URL, way: Way, signal: AbortSignal): Promise<string | null> {
  const result = await getHead({ ...way, url, timeoutMs: ANSWER_LIMIT_MS, signal });
  return result.ok ? null : result.message.replace(`${url.host}: `, '');
}
