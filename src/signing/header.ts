// What is written is exactly `t={unix seconds},v1={hex}`; what is accepted is a little more (contract, section 2).

/** The header that carries a signature, in both directions. */
export const SIGNATURE_HEADER = 'X-Webhook-Signature';

/** Longest header that is looked at, in characters. */
export const MAX_HEADER_LENGTH = 4096;

/** Why a header could not be read. */
export type HeaderProblem =
  | 'header_missing'
  | 'header_too_long'
  | 'timestamp_missing'
  | 'timestamp_duplicated'
  | 'timestamp_malformed'
  | 'signature_missing'
  | 'signature_malformed';

/** A header that was read, or what is wrong with it and where. */
export type ParsedHeader =
  | {
      ok: true;
      /** As written: the digits are part of what is hashed, so `007` stays `007`. */
      timestamp: string;
      /** Every well-formed `v1`, in order. Never empty. */
      signatures: string[];
    }
  | {
      ok: false;
      reason: HeaderProblem;
      /** Where in the header the problem starts, a zero-based character index. */
      position: number;
    };

const TIMESTAMP = /^[0-9]{1,12}$/;
const SIGNATURE = /^[0-9a-f]{64}$/;

/**
 * Reads a signature header. Parts may come in any order, with whitespace around the commas;
 * unknown keys are ignored; several `v1` are allowed, several `t` are not.
 */
export function parseSignatureHeader(header: string | undefined | null): ParsedHeader {
  if (header === undefined || header === null || header.trim() === '') return problem('header_missing', 0);
  if (header.length > MAX_HEADER_LENGTH) return problem('header_too_long', MAX_HEADER_LENGTH);

  let timestamp: string | undefined;
  let malformed = -1;
  const signatures: string[] = [];
  let offset = 0;
  for (const raw of header.split(',')) {
    const part = raw.trim();
    const start = offset + raw.indexOf(part);
    offset += raw.length + 1;
    const equals = part.indexOf('=');
    const key = equals < 0 ? part : part.slice(0, equals);
    const value = equals < 0 ? '' : part.slice(equals + 1);
    if (key === 't') {
      if (timestamp !== undefined) return problem('timestamp_duplicated', start);
      if (!TIMESTAMP.test(value)) return problem('timestamp_malformed', start + equals + 1);
      timestamp = value;
    } else if (key === 'v1') {
      if (SIGNATURE.test(value)) signatures.push(value);
      else if (malformed < 0) malformed = start + equals + 1;
    }
  }
  if (timestamp === undefined) return problem('timestamp_missing', 0);
  if (signatures.length > 0) return { ok: true, timestamp, signatures };
  return malformed < 0
    ? problem('signature_missing', header.length)
    : problem('signature_malformed', malformed);
}

/** Writes the header: one `t`, one `v1`, no whitespace. */
export function formatSignatureHeader(timestamp: number | string, signature: string): string {
  return `t=${timestamp},v1=${signature}`;
}

function problem(reason: HeaderProblem, position: number): ParsedHeader {
  return { ok: false, reason, position };
}
