import { asText } from './body-charsets.ts';
import { isJson } from './json-tree.ts';
import type { DiagnoseOptions } from './types.ts';

/** What to look at next when no mistake explains the value: what is conspicuous first, then the rest. */
export function suggestChecks(options: DiagnoseOptions, body: Buffer): string[] {
  const checks: string[] = [];
  const expected = options.secrets.filter(({ role }) => role === 'expected').map(({ value }) => value);
  const text = asText(body);
  if (body.length === 0) {
    checks.push('The body at hand is empty. If a body was sent, it was lost before this check.');
  } else if (text === null) {
    checks.push('The body at hand is not UTF-8. Is it compressed, or was it changed by a decoder?');
  } else if (!isJson(text.replace(/^\ufeff/, ''))) {
    const cut = /^\s*[[{]/.test(text) && !/[\]}]\s*$/.test(text);
    checks.push(
      cut
        ? 'The body at hand is JSON that is cut off. Compare its length with Content-Length.'
        : 'The body at hand is not JSON. Is it the raw body, without headers or anything around it?',
    );
  }
  if (expected.some((value) => value !== value.trim()))
    checks.push('The secret at hand has whitespace around it.');
  if (expected.some((value) => value.length < 8))
    checks.push('The secret at hand is very short. Is it the whole secret?');
  const computed = options.computed !== undefined;
  checks.push(
    computed
      ? 'Print the SHA-256 and the length of what your receiver hashes, and compare them with those above.'
      : 'Compare the length and the SHA-256 of the body with those on the side that signed.',
    'Compare the fingerprints of the secrets on both sides: printf %s "$SECRET" | sha256sum | cut -c1-8. Another ATS or another environment has others.',
    'Was the body changed on its way (a field added, a value filled in, a proxy that rewrites)? Then no search can find it: take the raw bytes at either end.',
  );
  if (options.secrets.every(({ role }) => role !== 'other_direction'))
    checks.push('Give the secret of the other direction as well.');
  return checks;
}
