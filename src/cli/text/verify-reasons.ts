import type { VerifyFailure, VerifyResult } from '../../signing/index.ts';
import { formatDuration } from './duration.ts';

/** Why a signature was refused, in a sentence, and what to do about it. */
export interface Explanation {
  what: string;
  next: string;
}

type Refusal = Extract<VerifyResult, { valid: false }>;

/** Each reason that the signing library gives. */
export function explainRefusal(result: Refusal, tolerance: number): Explanation {
  return EXPLANATIONS[result.reason](result, tolerance);
}

/** Whether a reason code is one of a signature's. */
export function isVerifyFailure(code: string): code is VerifyFailure {
  return Object.hasOwn(EXPLANATIONS, code);
}

const at = ({ position }: Refusal) =>
  position === undefined ? '' : ` (character ${position + 1} of the header)`;
const distance = ({ age = 0 }: Refusal) => formatDuration(Math.abs(age) * 1000);

const EXPLANATIONS: Record<VerifyFailure, (result: Refusal, tolerance: number) => Explanation> = {
  header_missing: () => ({
    what: 'There is no signature: the header is empty.',
    next: 'Pass the value of X-Webhook-Signature. Where it is missing on arrival, look for a proxy that drops it.',
  }),
  header_too_long: () => ({
    what: 'The header is longer than 4096 characters.',
    next: 'It should look like t=1768472880,v1= and 64 hex digits. Look for what adds to it.',
  }),
  timestamp_missing: () => ({
    what: 'The header has no t=.',
    next: 'It should look like t=1768472880,v1= and 64 hex digits. A bare hex digest is not enough.',
  }),
  timestamp_duplicated: (result) => ({
    what: `The header has more than one t=${at(result)}.`,
    next: 'Send one t and one v1. Two headers of the same name are joined by a comma on the way.',
  }),
  timestamp_malformed: (result) => ({
    what: `t is not a number of 1 to 12 digits${at(result)}.`,
    next: 'Use whole Unix seconds, without a fraction or a sign.',
  }),
  signature_missing: () => ({
    what: 'The header has no v1=.',
    next: 'It should look like t=1768472880,v1= and 64 hex digits.',
  }),
  signature_malformed: (result) => ({
    what: `v1 is not 64 lower-case hex digits${at(result)}.`,
    next: 'Write the HMAC-SHA256 as lower-case hex: not base64, not upper case, not shortened.',
  }),
  mismatch: () => ({
    what: 'The signature does not fit: it was made with another secret, over another body or timestamp, or in another way.',
    next: 'Check that the secret is the one of this direction, and that the body is the raw bytes as received: not parsed and serialized again, no line break added.',
  }),
  stale: (result, tolerance) => ({
    what: `The signature is right, but ${distance(result)} old; ${formatDuration(tolerance * 1000)} are allowed.`,
    next: 'Sign anew at each attempt, and check the clocks. For a recorded request give --at or --tolerance off.',
  }),
  future: (result, tolerance) => ({
    what: `The signature is right, but ${distance(result)} ahead of the clock; ${formatDuration(tolerance * 1000)} are allowed.`,
    next: 'Check the clocks, and that t is in seconds, not milliseconds. For a recorded request give --at.',
  }),
};

export function describeVerdict(verdict: string): string {
  if (verdict === 'valid') return 'verifies with the configured secret';
  if (verdict === 'unchecked') return 'not checked: the configuration has no secret for it';
  if (verdict === 'unsigned') return 'there is no signature';
  if (verdict === 'stale' || verdict === 'future') {
    return `made with the configured secret, but ${verdict === 'stale' ? 'too old' : 'ahead of the clock'} when it was sent`;
  }
  return isVerifyFailure(verdict) ? `does not verify with the configured secret: ${verdict}` : verdict;
}
