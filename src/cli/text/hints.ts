import { explainStatus } from '../../client/explain-status.ts';
import type { LogRecord } from '../../contract/control.ts';
import { calledAs } from '../../files/called-as.ts';
import { DEFAULT_TOLERANCE } from '../../signing/index.ts';
import { answerWords } from '../../transport/answer-words.ts';
import { isConnectionFailure } from '../../transport/connection-failures.ts';
import { explainFailure, type Surroundings } from '../../transport/explain-failure.ts';
import { neutralizeLine } from '../terminal/neutralize.ts';
import { explainRefusal, isVerifyFailure } from './verify-reasons.ts';

export interface FailedAttempt {
  record: Pick<LogRecord, 'id' | 'response_status' | 'error'> & Partial<Pick<LogRecord, 'fault' | 'outcome'>>;
  url: string;
  /** The receiver's answer, or its beginning. */
  answer: string | null;
  shown?: boolean;
  /** Where the answer redirects to. */
  location?: string | null;
  secret_fingerprint?: string | undefined;
  surroundings?: Surroundings;
  /** The gateway has ended: nothing is advised that would ask it. */
  afterwards?: boolean;
}

/** What to look at after a failed attempt: one hint by kind; `null` where there is nothing to add. */
export function hintForAttempt(attempt: FailedAttempt): string | null {
  const { record } = attempt;
  const onPurpose = hintForFault(record, attempt);
  if (onPurpose !== null) return onPurpose;
  const code = record.error?.code ?? '';
  if (!isConnectionFailure(code)) {
    if (record.response_status === null) return null;
    const hint = explainStatus(record.response_status, {
      url: attempt.url,
      words: attempt.answer === null ? null : answerWords(attempt.answer),
      shown: attempt.shown,
      location: attempt.location ?? null,
      advice: refusedAdvice(record.id, attempt),
    });
    return hint === null ? null : neutralizeLine(hint);
  }
  if (code === 'timeout') {
    return 'CarvOS waits 5 seconds for the whole answer. Answer 2xx first, then do the work. At a breakpoint, use --receiver-timeout off. If your receiver saw no request, something between may drop the connection: compare address and firewall.';
  }
  const { url, surroundings } = attempt;
  return URL.canParse(url) ? explainFailure(code, { url: new URL(url), surroundings }) : null;
}

/** How to find out what is wrong with a signature that was refused, and which secret ours is. */
function refusedAdvice(id: string, { secret_fingerprint, afterwards = false }: FailedAttempt): string {
  const ours = secret_fingerprint === undefined ? '' : `Ours has the fingerprint ${secret_fingerprint}. `;
  if (afterwards)
    return `${ours}Let its 401 answer the hex digits that it computed: then the reason stands here.`;
  const carvos = calledAs();
  return `${ours}What did it compute? ${carvos} verify --delivery ${id} --computed HEX explains it; where the 401 itself answers 64 hex digits, ${carvos} deliveries show ${id} does.`;
}

/** Faults after which a receiver that verifies as documented has to refuse. */
const MUST_BE_REFUSED = ['wrong-signature', 'wrong-secret', 'stale', 'future', 'tampered-body'];
/** What a receiver answers that refuses a signature. */
const REFUSALS = [400, 401, 403, 409, 422];
/** Faults that fail an attempt whatever the receiver does. */
const FAILS_BY_ITSELF = ['lost-ack', 'reset', 'status-429', 'status-500', 'status-503'];

/** What an applied fault says about the receiver; `null` when nothing, or none was applied. */
export function hintForFault(
  record: FailedAttempt['record'],
  { afterwards = false }: Pick<FailedAttempt, 'afterwards'>,
): string | null {
  const kind = record.fault ?? null;
  if (kind === null) return null;
  if (FAILS_BY_ITSELF.includes(kind)) {
    const faults = afterwards ? '' : ` ${calledAs()} fault lists the faults.`;
    return `A fault on purpose: this failure is not your receiver's.${faults}`;
  }
  if (!MUST_BE_REFUSED.includes(kind)) return null;
  if (record.outcome === 'success') {
    return kind === 'stale' || kind === 'future'
      ? `The receiver accepted a t that is ten minutes off. With the documented tolerance of 300 seconds it refuses that.`
      : `The receiver accepted a webhook whose signature does not verify. It must refuse it.`;
  }
  const status = record.response_status;
  // Another status has another cause: a path that is wrong, a server that failed.
  return status !== null && REFUSALS.includes(status)
    ? 'A fault on purpose: the receiver is right to refuse it.'
    : null;
}

/** What a reason code of a refused signature means, in one sentence; `null` for other codes. */
export function refusalText(code: string): string | null {
  // The log's record does not say how far off the timestamp was.
  if (code === 'stale')
    return 'The signature is right, but too old: sign anew at each attempt, and check the clocks.';
  if (code === 'future')
    return 'The signature is right, but its t lies ahead: check the clocks, and that t is in seconds.';
  if (!isVerifyFailure(code)) return null;
  return explainRefusal({ valid: false, reason: code }, DEFAULT_TOLERANCE).what;
}
