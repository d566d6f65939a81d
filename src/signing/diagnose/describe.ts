import { asText } from './body-charsets.ts';
import { CATALOGUE, type CatalogueEntry, type Kind } from './catalogue.ts';
import { isJson } from './json-tree.ts';
import type { DiagnoseOptions, Finding, Mistake } from './types.ts';

/** A mistake in words, with what to change: a fix of its own replaces the catalogue's. */
export function describeMistake(
  mistake: Mistake,
  { side = 'receiver', computed }: Pick<DiagnoseOptions, 'side' | 'computed'>,
): Finding {
  const [kind, , usualFix, lines]: CatalogueEntry = CATALOGUE[mistake.code];
  // The other direction's secret by its name: which one it is depends on the side.
  const other = `the ${side === 'receiver' ? 'incoming' : 'outgoing'} secret, which is for the other direction`;
  const what = mistake.code === 'other_direction' ? other : mistake.what;
  const told = SENTENCES[kind][computed === undefined ? 0 : 1].replace('WHAT', () => what);
  return {
    code: mistake.code,
    message: mistake.note === undefined ? told : `${told} ${mistake.note}`,
    fix: mistake.fix ?? (typeof usualFix === 'string' ? usualFix : usualFix[side]),
    details: { ...mistake.details },
    frameworks: { ...lines?.[side] },
  };
}

/** How a mistake is said of a signature, and of what a receiver computed; of time and header it is the sentence itself. */
// biome-ignore format: a table, a row a line
const SENTENCES: Record<Kind, [signed: string, computed: string]> = {
  secret: ['The signature was made with WHAT.', 'Your receiver computed it with WHAT.'],
  body: ['The signature covers WHAT, not the bytes that arrived.', 'Your receiver hashed WHAT, not the raw bytes.'],
  message: ['What was signed is WHAT; it should be t, a dot, the raw body.', 'Your receiver hashed WHAT; it should be t, a dot, the raw body.'],
  digest: ['The signature is WHAT; it should be 64 lower-case hex digits of HMAC-SHA256.', "Your receiver's value is WHAT; it should be 64 lower-case hex digits of HMAC-SHA256."],
  time: ['WHAT', 'WHAT'],
  header: ['WHAT', 'WHAT'],
};

/** What to look at next when no mistake explains the value: what is conspicuous first, then the rest. */
export function suggestChecks({ secrets, computed }: DiagnoseOptions, body: Buffer): string[] {
  const expected = secrets.filter(({ role }) => role === 'expected').map(({ value }) => value);
  const checks = [
    checkBody(body),
    expected.some((value) => value !== value.trim()) && 'The secret at hand has whitespace around it.',
    expected.some((value) => value.length < 8) && 'The secret at hand is very short. Is it the whole secret?',
    computed !== undefined
      ? 'Print the SHA-256 and the length of what your receiver hashes, and compare them with those above.'
      : 'Compare the length and the SHA-256 of the body with those on the side that signed.',
    'Compare the fingerprints of the secrets on both sides: printf %s "$SECRET" | sha256sum | cut -c1-8. Another ATS or another environment has others.',
    'Was the body changed on its way (a field added, a value filled in, a proxy that rewrites)? Then no search can find it: take the raw bytes at either end.',
    secrets.every(({ role }) => role !== 'other_direction') &&
      'Give the secret of the other direction as well.',
  ];
  return checks.filter((check) => check !== false);
}

function checkBody(body: Buffer): string | false {
  const text = asText(body);
  if (text === '') return 'The body at hand is empty. If a body was sent, it was lost before this check.';
  if (text === null)
    return 'The body at hand is not UTF-8. Is it compressed, or was it changed by a decoder?';
  if (isJson(text.replace(/^\ufeff/, ''))) return false;
  return /^\s*[[{]/.test(text) && !/[\]}]\s*$/.test(text)
    ? 'The body at hand is JSON that is cut off. Compare its length with Content-Length.'
    : 'The body at hand is not JSON. Is it the raw body, without headers or anything around it?';
}
