import { type HeaderProblem, parseSignatureHeader } from '../header.ts';
import { CATALOGUE, type FindingCode } from './catalogue.ts';
import { visibleText } from './shown.ts';
import type { Mistake } from './types.ts';

/** Longer ones are not looked at: a digest behind the hex digits of a whole body fits. */
const LONGEST = 3 * 1024 * 1024;
/** Characters of the header that are shown on either side of the problem. */
const AROUND = 60;

/** A header read as generously as possible: what could be `t`, what could be a digest, and what the strict reader says. */
export function readGivenHeader(header: string | null | undefined) {
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
  // A list, quotes, or blanks between bytes: all that stands behind v1=.
  const whole = /(?:^|[\s,;&])v1[=:](.*?)(?:[,;]\s*t=[^,;]*)?$/is.exec(text.slice(0, LONGEST))?.[1];
  if (whole !== undefined && !values.includes(whole)) values.push(whole);
  // Of several, one that can be Unix seconds of these days.
  const t = times.find((time) => /^[0-9]{10}$/.test(time)) ?? times[0] ?? null;
  return { text, strict, t, values };
}
type GivenHeader = ReturnType<typeof readGivenHeader>;

const DIGESTS = Object.entries(CATALOGUE).flatMap(([code, [kind]]) => (kind === 'digest' ? [code] : []));
/** Where the problem is, what it is, the mistakes of which it is only the consequence, and a fix of its own. */
// biome-ignore format: a table, a row a line
const PROBLEMS: Record<HeaderProblem, [part: string, what: string, consequenceOf: string[], fix?: string]> = {
  header_missing: ['header', 'There is no signature: the header is empty or missing.', [], 'Send X-Webhook-Signature. Where it was sent, look for a proxy or a framework that drops or renames it.'],
  header_too_long: ['header', 'The header is longer than 4096 characters.', ['digest_sum']], timestamp_missing: ['t', 'The header has no t= that can be read.', ['no_timestamp']],
  timestamp_duplicated: ['t', 'The header has more than one t=.', []], timestamp_malformed: ['t', 't is not a number of 1 to 12 digits.', ['timestamp_milliseconds', 'timestamp_unit']],
  signature_missing: ['v1', 'The header has no v1= that can be read.', ['digest_prefix']], signature_malformed: ['v1', 'v1 is not 64 lower-case hex digits.', DIGESTS],
};

/**
 * The header's syntax as a mistake of its own; `null` where it is right, or the consequence of one that was found.
 * @param mistakes what explains its value, read generously; `null` where nothing does.
 */
export function judgeSyntax(header: GivenHeader, mistakes: Mistake[] | null): Mistake | null {
  const { strict, text, values } = header;
  if (strict.ok) return null;
  const { reason, position } = strict;
  const [part, problem, consequenceOf, fix] = PROBLEMS[reason];
  if (mistakes?.some(({ code }) => consequenceOf.includes(code))) return null;
  const from = Math.max(0, position - AROUND);
  const dots = from > 0 ? '…' : '';
  // Escapes are longer than what they stand for, and the caret must stay under it.
  const before = dots + visibleText(text.slice(from, position));
  const shown = dots + visibleText(text.slice(from, position + AROUND));
  const [code, what] = mangledHeader(text) ?? ['malformed', problem];
  const isUnexplained = mistakes === null && values.length > 0;
  const apart = isUnexplained ? ' Apart from that, its value matches nothing that was tried either.' : '';
  const details = { reason, part, position, header: shown, caret: `${' '.repeat(before.length)}^` };
  return { code, what: what + apart, details, fix };
}

/** A header that is one half of itself, or twice itself; `null` for any other. */
function mangledHeader(text: string): [FindingCode, string] | null {
  const parts = text.split(/[,;\s]+/).filter((part) => part !== '');
  const count = (key: string) => parts.filter((part) => part.startsWith(key)).length;
  const only = parts.length === 1 ? parts[0]! : '';
  let split = /^\s*\[/.test(text) ? 'The header is a list of its parts.' : null;
  if (only.startsWith('t=')) split = 'The header ends before its comma: t is there, v1 is gone.';
  if (only.startsWith('v1=')) split = 'The header begins behind its comma: v1 is there, t is gone.';
  if (split !== null) return ['header_split', `${split} Something split it.`];
  if (count('t=') < 2 || count('v1=') < 2) return null;
  const same = new Set(parts).size * 2 <= parts.length ? ', the same values' : '';
  const what = `The header has t and v1 more than once${same}: it was sent or added twice, and joined by a comma.`;
  return ['header_doubled', what];
}
