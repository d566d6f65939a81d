import { type ConnectionFailure, explainUnreachable, type Surroundings } from '../../client/errors.ts';
import type { LogRecord } from '../../contract/control.ts';
import { DEFAULT_TOLERANCE } from '../../signing/index.ts';
import { neutralizeLine } from '../terminal/neutralize.ts';
import { explainRefusal, isVerifyFailure } from './verify-reasons.ts';

export interface FailedAttempt {
  record: Pick<LogRecord, 'id' | 'response_status' | 'error'> & Partial<Pick<LogRecord, 'fault' | 'outcome'>>;
  url: string;
  /** The beginning of the receiver's answer. */
  answer: string | null;
  surroundings?: Surroundings;
  /** The gateway has ended: nothing is advised that would ask it. */
  afterwards?: boolean;
}

/** What to look at after a failed attempt: one hint by kind; `null` where there is nothing to add. */
export function hintForAttempt(attempt: FailedAttempt): string | null {
  const { record } = attempt;
  const onPurpose = hintForFault(record, attempt);
  if (onPurpose !== null) return onPurpose;
  if (record.response_status !== null && !isConnectionError(record)) return hintForStatus(attempt);
  const kind = connectionFailure(record.error?.code ?? '');
  if (kind === null) return null;
  if (kind === 'timeout') {
    return 'Too slow: CarvOS waits 5 seconds for the whole answer. Answer 2xx first, then do the work. At a breakpoint, use --receiver-timeout off.';
  }
  return URL.canParse(attempt.url)
    ? explainUnreachable(kind, new URL(attempt.url), attempt.surroundings)
    : null;
}

/** Faults after which a receiver that verifies as documented has to refuse. */
const MUST_BE_REFUSED = ['wrong-signature', 'wrong-secret', 'stale', 'future', 'tampered-body'];
/** Faults that fail an attempt whatever the receiver does. */
const FAILS_BY_ITSELF = ['lost-ack', 'reset', 'status-429', 'status-500', 'status-503'];

/** What an applied fault says about the receiver; `null` when nothing, or none was applied. */
export function hintForFault(
  record: FailedAttempt['record'],
  { afterwards = false }: Pick<FailedAttempt, 'afterwards'> = {},
): string | null {
  const kind = record.fault ?? null;
  if (kind === null) return null;
  if (FAILS_BY_ITSELF.includes(kind)) {
    const faults = afterwards ? '' : ' carvos fault lists the faults.';
    return `A fault on purpose: this failure is not your receiver's.${faults}`;
  }
  if (!MUST_BE_REFUSED.includes(kind)) return null;
  if (record.outcome === 'success') {
    return kind === 'stale' || kind === 'future'
      ? `The receiver accepted a t that is ten minutes off. With the documented tolerance of 300 seconds it refuses that.`
      : `The receiver accepted a webhook whose signature does not verify. It must refuse it.`;
  }
  return record.response_status === null ? null : 'A fault on purpose: the receiver is right to refuse it.';
}

/** Sorts the error code of an attempt into a kind, whichever style it is written in. */
function connectionFailure(code: string): ConnectionFailure | null {
  if (/refused/i.test(code)) return 'refused';
  if (/^dns_timeout|eai_again/i.test(code)) return 'dns_timeout';
  if (/time.?out|too.?slow/i.test(code)) return 'timeout';
  if (/dns|notfound|not_found|eai_/i.test(code)) return 'dns';
  if (/tls|ssl|cert|eproto/i.test(code)) return 'tls';
  if (/unreach/i.test(code)) return 'unreachable';
  if (/too_large$/i.test(code)) return 'too_large';
  if (/protocol|not_http|hpe_/i.test(code)) return 'protocol';
  if (/reset|closed|hang|pipe|socket/i.test(code)) return 'reset';
  return null;
}

/** A status can have come before the time was up, or the connection broke. */
function isConnectionError(record: Pick<LogRecord, 'error'>): boolean {
  return record.error !== null && connectionFailure(record.error.code) !== null;
}

function hintForStatus({ record, answer, url, afterwards = false }: FailedAttempt): string | null {
  const status = record.response_status!;
  const said = beginning(answer);
  if (status >= 200 && status < 300) return null;
  if (status === 401) {
    const ask = afterwards
      ? ''
      : ` carvos deliveries show ${record.id} has body and signature; carvos verify BODY --signature VALUE checks them.`;
    const prints = afterwards ? '' : '; carvos env prints it';
    return `401: the receiver refuses the signature. It needs the outgoing secret (CARVOS_OUTGOING_SECRET${prints}), and the raw body bytes before any parser.${ask}`;
  }
  if (status >= 300 && status < 400) {
    return `${status}: CarvOS follows no redirect. Make the webhook URL the final one, often with or without the last slash, or https:// for http://.`;
  }
  if (status === 404 || status === 405) {
    return `${status}: there is no POST route at ${neutralizeLine(url)}. Compare its path with the receiver's.${said}`;
  }
  if (status >= 500) return `${status}: the receiver failed; see its log.${said}`;
  if (status >= 400) return `${status}: the receiver does not accept the event.${said}`;
  return null;
}

function beginning(answer: string | null): string {
  const text = answer?.trim();
  return text ? ` It says: ${neutralizeLine(text)}` : '';
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
