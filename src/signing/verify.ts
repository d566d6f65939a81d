import { timingSafeEqual } from 'node:crypto';
import { type HeaderProblem, parseSignatureHeader } from './header.ts';
import { assertBytes, computeSignature } from './sign.ts';

/** Seconds a timestamp may lie from now, to either side, inclusive (contract, section 2). */
export const DEFAULT_TOLERANCE = 300;

/** Why a signature was refused. */
export type VerifyFailure = HeaderProblem | 'mismatch' | 'stale' | 'future';

/** What is verified, against which secrets, and as of when. */
export interface VerifyOptions {
  /** Raw body bytes, before any parser. */
  body: Uint8Array;
  /** The value of `X-Webhook-Signature`. */
  header: string | undefined | null;
  /** One secret, or several while one is being rotated; any match passes. */
  secret: string | readonly string[];
  /** Unix seconds to measure the age against; the present by default. */
  now?: number;
  /** Allowed distance of `t` from `now` in seconds, inclusive; `Infinity` checks no age. */
  tolerance?: number;
}

/** Whether it verifies; if not, the first reason. */
export type VerifyResult =
  | {
      valid: true;
      /** `t`, in Unix seconds. */
      timestamp: number;
      /** Seconds between `t` and now; negative when `t` lies ahead. */
      age: number;
      /** Which of the secrets matched, zero-based. */
      secretIndex: number;
    }
  | {
      valid: false;
      reason: VerifyFailure;
      /** `t`, when the header could be read that far. */
      timestamp?: number;
      /** Seconds between `t` and now. */
      age?: number;
      /** Where in the header the problem starts, for header problems. */
      position?: number;
    };

/**
 * Verifies a signature over raw bytes, in constant time per candidate. The signature is checked
 * before the age: `stale` and `future` therefore say that everything else was right.
 *
 * @throws TypeError when `body` is not bytes or no secret is given: both are bugs of the caller.
 */
export function verify(options: VerifyOptions): VerifyResult {
  assertBytes(options.body);
  const secrets = typeof options.secret === 'string' ? [options.secret] : options.secret;
  if (secrets.length === 0) throw new TypeError('verify needs at least one secret');

  const parsed = parseSignatureHeader(options.header);
  if (!parsed.ok) return { valid: false, reason: parsed.reason, position: parsed.position };

  const timestamp = Number(parsed.timestamp);
  const now = options.now ?? Math.floor(Date.now() / 1000);
  const age = now - timestamp;
  // Every secret is compared with every candidate, so that the time taken does not tell which matched.
  const matches = secrets.map((secret) => {
    const expected = Buffer.from(computeSignature(options.body, secret, parsed.timestamp), 'latin1');
    return parsed.signatures
      .map((one) => timingSafeEqual(expected, Buffer.from(one, 'latin1')))
      .includes(true);
  });
  const secretIndex = matches.indexOf(true);
  if (secretIndex < 0) return { valid: false, reason: 'mismatch', timestamp, age };

  const tolerance = options.tolerance ?? DEFAULT_TOLERANCE;
  if (Math.abs(age) > tolerance)
    return { valid: false, reason: age > 0 ? 'stale' : 'future', timestamp, age };
  return { valid: true, timestamp, age, secretIndex };
}
