import http from 'node:http';
import https from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import { classifyFailure } from '../../transport/connection-failures.ts';
import { lookUpName } from '../../transport/name-lookup.ts';
import { openJudged, type ReceiverTls } from '../../transport/receiver-tls.ts';

const POLL_MS = 50;
const ANSWER_LIMIT_MS = 2000;

export interface ReceiverWait {
  readonly answered: boolean;
  /** Why the last try failed. */
  readonly lastProblem: string;
  stop(): void;
}

/**
 * Asks a receiver until it answers anything over HTTP, also an error: then it is up. Nothing signed is sent.
 *
 * @param onAnswer called once.
 */
export function waitForReceiver(url: URL, tls: ReceiverTls | undefined, onAnswer: () => void): ReceiverWait {
  const stopped = new AbortController();
  let answered = false;
  let lastProblem = 'it was not asked yet';
  const poll = async () => {
    while (!stopped.signal.aborted) {
      const { problem } = await askReceiver(url, tls, stopped.signal);
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
    get lastProblem() {
      return lastProblem;
    },
    stop: () => stopped.abort(),
  };
}

export interface ReceiverAnswer {
  /** Why there was no answer, or `null`. */
  problem: string | null;
  /** Its header `Date`. */
  date?: string;
}

/** Asks once, with nothing signed and nothing to take. */
export function askReceiver(
  url: URL,
  tls: ReceiverTls | undefined,
  signal: AbortSignal,
): Promise<ReceiverAnswer> {
  const { request } = url.protocol === 'https:' ? https : http;
  const judged = openJudged(tls);
  const connection =
    url.protocol === 'https:' ? { createConnection: judged.createConnection } : { agent: false };
  return new Promise((resolve) => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_LIMIT_MS)]);
    const asked = request(
      url,
      { method: 'GET', ...connection, lookup: lookUpName, signal: limit },
      (response) => {
        response.on('error', () => {});
        response.destroy();
        resolve({ problem: null, date: response.headers.date });
      },
    );
    asked.on('error', (error) => {
      judged.abandon();
      const isLate = error.name === 'AbortError';
      const problem = isLate
        ? `no answer within ${ANSWER_LIMIT_MS / 1000} s`
        : classifyFailure(error).message;
      resolve({ problem });
    });
    asked.end();
  });
}
