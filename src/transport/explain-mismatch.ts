import type { IncomingMessage } from 'node:http';
import { findRestOfBody } from './broken-requests.ts';

/**
 * Whether a signature does not verify because the body did not come whole.
 *
 * @param fits whether this body is the one that was signed.
 * @returns the cause, for the developer; `null` when the body seems whole.
 */
export function explainMismatch(request: IncomingMessage, body: Buffer, fits: (body: Buffer) => boolean) {
  const missing = findRestOfBody(request, (rest) => fits(Buffer.concat([body, rest])));
  if (missing !== null) {
    return {
      code: 'content_length_short',
      message: `Content-Length says ${body.length}, but the body that was signed has ${body.length + missing} bytes: count bytes (of the UTF-8), not characters`,
    };
  }
  if (!endsInside(body)) return null;
  return {
    code: 'body_ends_early',
    message: `the signature does not verify, and the body ends in the middle of its JSON after ${body.length} bytes: it may have been cut off`,
  };
}

/** Whether brackets or a string are still open at the end. */
export function endsInside(body: Uint8Array): boolean {
  let depth = 0;
  for (let at = 0; at < body.length; at++) {
    const byte = body[at];
    if (byte === 0x22) {
      for (at++; at < body.length && body[at] !== 0x22; at++) if (body[at] === 0x5c) at++;
      if (at >= body.length) return true;
    } else if (byte === 0x7b || byte === 0x5b) depth++;
    else if (byte === 0x7d || byte === 0x5d) depth--;
  }
  return depth > 0;
}
