import type { HeaderProblem } from '../header.ts';
import { CATALOGUE } from './catalogue.ts';
import { describeMistake } from './describe-mistake.ts';
import type { GivenHeader } from './given.ts';
import type { DiagnoseOptions, Finding, Mistake } from './types.ts';
import { visibleText } from './visible.ts';

const PARTS: Record<HeaderProblem, [part: string, what: string]> = {
  header_missing: ['header', 'There is no signature: the header is empty or missing.'],
  header_too_long: ['header', 'The header is longer than 4096 characters.'],
  timestamp_missing: ['t', 'The header has no t= that can be read.'],
  timestamp_duplicated: ['t', 'The header has more than one t=.'],
  timestamp_malformed: ['t', 't is not a number of 1 to 12 digits.'],
  signature_missing: ['v1', 'The header has no v1= that can be read.'],
  signature_malformed: ['v1', 'v1 is not 64 lower-case hex digits.'],
};

const MISSING_FIX =
  'Send X-Webhook-Signature. Where it was sent, look for a proxy or a framework that drops or renames it.';

/** Characters of the header that are shown on either side of the problem. */
const AROUND = 60;

/** Whether the header's syntax is a mistake of its own, and not the consequence of one that was found. */
export function isMalformed({ strict }: GivenHeader, mistakes: readonly Mistake[]): boolean {
  if (strict.ok) return false;
  const found = (...codes: Mistake['code'][]) => mistakes.some((one) => codes.includes(one.code));
  const isDigest = mistakes.some(({ code }) => CATALOGUE[code][0] === 'digest');
  const explained: Partial<Record<HeaderProblem, boolean>> = {
    signature_malformed: isDigest,
    signature_missing: found('digest_prefix'),
    timestamp_malformed: found('timestamp_milliseconds', 'timestamp_unit'),
    header_too_long: found('digest_sum'),
    timestamp_missing: found('no_timestamp'),
  };
  return explained[strict.reason] !== true;
}

/** @param matched whether the value, read generously, was explained as well. */
export function describeMalformed(
  { strict, text, values }: GivenHeader,
  options: DiagnoseOptions,
  matched: boolean,
): Finding {
  if (strict.ok) throw new TypeError('the header is well-formed');
  const { reason, position } = strict;
  const [part, what] = PARTS[reason];
  const from = Math.max(0, position - AROUND);
  const dots = from > 0 ? '…' : '';
  // Escapes are longer than what they stand for, and the caret must stay under it.
  const before = dots + visibleText(text.slice(from, position));
  const header = dots + visibleText(text.slice(from, position + AROUND));
  const missing = reason === 'header_missing';
  const [code, own] = mangledHeader(text) ?? ['malformed', what];
  const apart = !missing && !matched && values.length > 0;
  const mistake: Mistake = {
    code,
    what: `${own}${apart ? ' Apart from that, its value matches nothing that was tried either.' : ''}`,
    details: { reason, part, position, header, caret: `${' '.repeat(before.length)}^` },
  };
  return describeMistake({ ...mistake, ...(missing ? { fix: MISSING_FIX } : {}) }, options);
}

/** A header that is one half of itself, or twice itself; `null` for any other. */
function mangledHeader(text: string): ['header_split' | 'header_doubled', string] | null {
  const parts = text.split(/[,;\s]+/).filter((part) => part !== '');
  const keys = parts.map((part) => part.slice(0, part.indexOf('=')));
  const split = (what: string): ReturnType<typeof mangledHeader> => [
    'header_split',
    `${what} Something split it.`,
  ];
  if (/^\s*\[/.test(text)) return split('The header is a list of its parts.');
  if (parts.length === 1 && keys[0] === 't')
    return split('The header ends before its comma: t is there, v1 is gone.');
  if (parts.length === 1 && keys[0] === 'v1')
    return split('The header begins behind its comma: v1 is there, t is gone.');
  if (!['t', 'v1'].every((name) => keys.filter((key) => key === name).length > 1)) return null;
  const same = new Set(parts).size < parts.length ? ', the same values' : '';
  return [
    'header_doubled',
    `The header has t and v1 more than once${same}: it was sent or added twice, and joined by a comma.`,
  ];
}
