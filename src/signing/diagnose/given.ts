import { type ParsedHeader, parseSignatureHeader } from '../header.ts';

/** A header read as generously as possible, beside what the strict reader says of it. */
export interface GivenHeader {
  text: string;
  strict: ParsedHeader;
  t: string | null;
  values: string[];
}

/** Longer ones are not looked at: a digest behind the hex digits of a whole body fits. */
const LONGEST = 3 * 1024 * 1024;

/** Reads a header whose syntax may be wrong: what could be `t`, and what could be a digest. */
export function readGivenHeader(header: string | null | undefined): GivenHeader {
  const text = (header ?? '').replace(/^\s*x-webhook-signature\s*:\s*/i, '');
  const strict = parseSignatureHeader(text);
  if (strict.ok) return { text, strict, t: strict.timestamp, values: strict.signatures };
  const times: string[] = [];
  const values: string[] = [];
  for (const part of text.slice(0, LONGEST).split(/[,;&\s]+/)) {
    const bare = part.replace(/^[["']+|["'\]]+$/g, '');
    const [, key = '', value = ''] = /^([A-Za-z0-9_-]{1,20})[=:](.*)$/.exec(bare) ?? [];
    if (/^(t|ts|timestamp)$/i.test(key)) times.push(value.replace(/^["']|["']$/g, '').slice(0, 64));
    else if (/^(v[0-9]|s|sig|signature|hmac|digest)$/i.test(key)) values.push(value);
    else if (key !== '' && /^(hmac-?)?(sha|md)-?[0-9]+$/i.test(key)) values.push(bare);
    else if (/^[A-Za-z0-9+/_=-]{16,}$/.test(bare)) values.push(bare);
    else if (/^[0-9]{10}([0-9]{3})?$/.test(bare)) times.push(bare);
  }
  // Of several, one that can be Unix seconds of these days.
  const t = times.find((time) => /^[0-9]{10}$/.test(time)) ?? times[0] ?? null;
  return { text, strict, t, values };
}
