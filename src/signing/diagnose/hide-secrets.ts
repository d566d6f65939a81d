import type { Diagnosis, DiagnosisSecret } from './types.ts';

/** Shorter ones cannot be told from ordinary text. */
const SHORTEST = 6;

/**
 * The secret itself in place of a signature, or inside a body, would be shown with it: takes it out of
 * everything that comes from outside.
 */
export function hideSecrets(diagnosis: Diagnosis, secrets: readonly DiagnosisSecret[]): Diagnosis {
  const needles = [...new Set(secrets.flatMap(({ value }) => formsOf(value)))].filter(
    (text) => text.length >= SHORTEST,
  );
  needles.sort((a, b) => b.length - a.length);
  const hide = (text: string) =>
    needles.reduce((rest, needle) => rest.replaceAll(needle, '*'.repeat(needle.length)), text);
  return {
    ...diagnosis,
    given: diagnosis.given === null ? null : hide(diagnosis.given),
    hashed: { ...diagnosis.hashed, first: hide(diagnosis.hashed.first), last: hide(diagnosis.hashed.last) },
    findings: diagnosis.findings.map((finding) => ({
      ...finding,
      details: Object.fromEntries(
        Object.entries(finding.details).map(([key, value]) => [
          key,
          typeof value === 'string' && key !== 'caret' ? hide(value) : value,
        ]),
      ),
    })),
  };
}

function formsOf(secret: string): string[] {
  const bare = secret.trim().replace(/^(["'])(.*)\1$/, '$2');
  return [secret, secret.trim(), bare, bare.replace(/^whsec_/, '')];
}
