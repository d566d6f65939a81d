import { createHmac } from 'node:crypto';
import { formatSignatureHeader } from './header.ts';

/**
 * The lower-case hex HMAC-SHA256 of `{timestamp}.` followed by the raw body bytes, keyed with the
 * secret's UTF-8 bytes (contract, section 2).
 *
 * @param body raw bytes exactly as they travel. Text is refused: decoding and encoding again can
 *   change bytes, and that is the most frequent cause of a signature that does not verify.
 * @param secret the secret as text; it is never decoded, whatever it looks like.
 * @param timestamp Unix seconds, hashed as written.
 * @throws TypeError when `body` is not bytes.
 */
export function computeSignature(body: Uint8Array, secret: string, timestamp: number | string): string {
  assertBytes(body);
  return createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest('hex');
}

/** What besides body and secret goes into a signature. */
export interface SignOptions {
  /** Unix seconds; the present by default. */
  timestamp?: number;
}

/**
 * Signs a body and returns the header's value, `t=…,v1=…`.
 *
 * @throws TypeError when `body` is not bytes, RangeError when `timestamp` is not a whole number of
 *   seconds with at most 12 digits.
 */
export function sign(body: Uint8Array, secret: string, options: SignOptions = {}): string {
  const timestamp = options.timestamp ?? Math.floor(Date.now() / 1000);
  if (!Number.isInteger(timestamp) || timestamp < 0 || timestamp > 999_999_999_999) {
    throw new RangeError(`timestamp must be whole Unix seconds with at most 12 digits, not ${timestamp}`);
  }
  return formatSignatureHeader(timestamp, computeSignature(body, secret, timestamp));
}

export function assertBytes(body: unknown): asserts body is Uint8Array {
  if (body instanceof Uint8Array) return;
  const got = body === null ? 'null' : typeof body;
  throw new TypeError(
    `the body must be the raw bytes (a Buffer or Uint8Array), not ${got}: take them before any JSON parser does`,
  );
}
