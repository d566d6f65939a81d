import { backslashed } from './text-escapes.ts';
import type { Diagnosis, DiagnosisSecret } from './types.ts';

/** Bytes that are shown at either end. */
const SHOWN = 48;

/** The first and the last bytes of `before` and the body on one line, everything but printable ASCII as escapes. */
export function visibleEnds(before: string, body: Uint8Array): { first: string; last: string } {
  const visible = (bytes: Uint8Array) =>
    backslashed(Buffer.from(bytes).toString('latin1'), /[^\x20-\x5b\x5d-\x7e]/g);
  const start = Buffer.concat([Buffer.from(before), body.subarray(0, SHOWN)]);
  return { first: visible(start.subarray(0, SHOWN)), last: visible(body.subarray(-SHOWN)) };
}

/** Text on one line, with control characters as escapes; characters beyond ASCII stay. */
export function visibleText(text: string): string {
  return backslashed(text, /[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g);
}

/** Shorter ones cannot be told from ordinary text. */
const SHORTEST = 6;

/**
 * The secret itself in place of a signature, or inside a body, would be shown with it: takes it out of
 * everything that comes from outside.
 */
export function hideSecrets(diagnosis: Diagnosis, secrets: readonly DiagnosisSecret[]): Diagnosis {
  const forms = new Set(secrets.flatMap(({ value }) => formsOf(value)));
  const needles = [...forms].filter((text) => text.length >= SHORTEST).sort((a, b) => b.length - a.length);
  const hide = (text: string) =>
    needles.reduce((rest, needle) => rest.replaceAll(needle, '*'.repeat(needle.length)), text);
  const shown = ([key, value]: [string, unknown]) =>
    [key, typeof value === 'string' && key !== 'caret' ? hide(value) : value] as const;
  const hidden = <T extends object>(facts: T) => Object.fromEntries(Object.entries(facts).map(shown)) as T;
  return {
    ...diagnosis,
    given: diagnosis.given === null ? null : hide(diagnosis.given),
    hashed: hidden(diagnosis.hashed),
    findings: diagnosis.findings.map((finding) => ({ ...finding, details: hidden(finding.details) })),
  };
}

function formsOf(secret: string): string[] {
  const bare = secret.trim().replace(/^(["'])(.*)\1$/, '$2');
  return [secret, secret.trim(), bare, bare.replace(/^whsec_/, '')];
}
