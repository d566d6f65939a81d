import { computedIn } from '../signing/computed-in.ts';
import { diagnose } from '../signing/diagnose/diagnose.ts';
import { summarizeDiagnosis } from '../signing/diagnose/summarize.ts';
import type { DiagnosisSecret } from '../signing/diagnose/types.ts';

/**
 * Why a receiver refused a genuine signature, where its answer holds the value that it computed.
 *
 * @param sent what was sent, and all secrets that it may have been mistaken about.
 * @returns a line for each cause; empty where the answer tells nothing.
 */
export function explainAnswer(
  sent: { body: Uint8Array; signature: string; secrets: readonly DiagnosisSecret[] },
  answer: Uint8Array,
): string[] {
  const computed = computedIn(answer, sent.signature);
  if (computed === null) return [];
  return summarizeDiagnosis(diagnose({ ...sent, header: sent.signature, computed }));
}

/** The secret that signs, and the one of the other direction where it is known. */
export function secretsFor(secret: string, other: string | null): DiagnosisSecret[] {
  const expected: DiagnosisSecret = { value: secret, role: 'expected' };
  return other === null ? [expected] : [expected, { value: other, role: 'other_direction' }];
}
