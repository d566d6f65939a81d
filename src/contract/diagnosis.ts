import * as z from 'zod';

/** One mistake, proved by computing again; as `Finding` of the signing library. */
export const FindingView = z.object({
  code: z.string(),
  message: z.string(),
  fix: z.string(),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  /** A line of code that does it right, by framework. */
  frameworks: z.record(z.string(), z.string()),
});

/** Why a signature does not verify; as `Diagnosis` of the signing library. Never holds a secret. */
export const DiagnosisView = z.object({
  verdict: z.enum(['valid', 'explained', 'unexplained']),
  /** Empty unless `explained`. */
  findings: z.array(FindingView),
  expected: z.string().nullable(),
  given: z.string().nullable(),
  /** What should be hashed: first and last bytes made visible, length and SHA-256 of the body. */
  hashed: z.object({ first: z.string(), last: z.string(), bytes: z.int(), sha256: z.string() }),
  /** Fingerprint of the secret that should have been used; older records have none. */
  secret_fingerprint: z.string().optional(),
  /** What to check next, when nothing explains it. */
  checks: z.array(z.string()),
  /** Combinations tried, and whether those were all. */
  tried: z.int(),
  exhaustive: z.boolean(),
});
export type DiagnosisView = z.infer<typeof DiagnosisView>;
