import type { Diagnosis, DiagnosisSecret } from './types.ts';

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
