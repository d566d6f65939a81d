import type { Diagnosis } from './types.ts';

/** Of a diagnosis, what a line can say; older ones do not name the secret. */
type Told = Pick<Diagnosis, 'verdict' | 'given' | 'expected'> & {
  findings: readonly { code: string; message: string; fix: string }[];
  secret_fingerprint?: string | undefined;
};

/** Whether there is a whole signature that no known mistake leads to. */
export function isAnotherSecret({ verdict, given, expected }: Told): boolean {
  return verdict === 'unexplained' && expected !== null && /[0-9a-f]{64}/i.test(given ?? '');
}

/** The likeliest cause where nothing is proved: it is a guess, and says so. */
export function guessAnotherSecret({ secret_fingerprint: ours }: Told): string {
  return `most likely another secret${ours === undefined ? '' : `: the fingerprint of ours is ${ours}`}.`;
}

/** What a diagnosis found, a line each; empty where there is nothing to say. */
export function summarizeDiagnosis(diagnosis: Told): string[] {
  if (isAnotherSecret(diagnosis))
    return [`${guessAnotherSecret(diagnosis)} With ours, no known mistake leads to that value.`];
  return diagnosis.findings.map(({ code, message, fix }) => `${code}. ${message} ${fix}`);
}
