import * as z from 'zod';
import { versioned } from './control/basics.ts';
import { FAULT_KINDS } from './faults.ts';

/** What `carvos check --json` prints. Durations are wall milliseconds. */

/** From what every receiver has to do to what is good to have; each includes those before it in `--fail-on`. */
export const CHECK_LEVELS = ['required', 'recommended', 'advisory'] as const;
const CheckLevel = z.enum(CHECK_LEVELS);
export type CheckLevel = z.infer<typeof CheckLevel>;

/** One thing that a receiver should do, and how it is found out whether it does. */
export const ProbeFacts = z.object({
  id: z.string(),
  level: CheckLevel,
  /** What holds when it passes. */
  title: z.string(),
  why: z.string(),
  /** Where it is documented, or that it is not. */
  documented: z.string(),
  fix: z.string(),
  /** The kinds of fault that it plays. */
  faults: z.array(z.enum(FAULT_KINDS)),
  /** Probes without which it is not judged: where one of them fails, the same cause would be reported twice. */
  after: z.array(z.string()),
  /** Whether a live target gets it: it sends the user's own events, unchanged and rightly signed. */
  live: z.boolean(),
});
export type ProbeFacts = z.infer<typeof ProbeFacts>;

export const ProbeOutcome = z.enum(['passed', 'failed', 'not_judged']);
export type ProbeOutcome = z.infer<typeof ProbeOutcome>;

export const ProbeResult = ProbeFacts.extend({
  outcome: ProbeOutcome,
  /** What was seen, or why it was not judged; one entry for each case that does not hold. */
  details: z.array(z.string()),
  /** Requests that were sent for it. */
  requests: z.int(),
  duration_ms: z.number(),
});
export type ProbeResult = z.infer<typeof ProbeResult>;

export const ProbeList = versioned({
  probes: z.array(ProbeFacts),
});

export const CheckReport = versioned({
  url: z.string(),
  /** Of the secret that signed. */
  secret_fingerprint: z.string(),
  fail_on: CheckLevel,
  /** Every probe up to the level of `fail_on` was judged or left aside with a reason, and none failed; not where it was interrupted. */
  holds: z.boolean(),
  counts: z.object({
    passed: z.int(),
    failed: z.int(),
    not_judged: z.int(),
  }),
  probes: z.array(ProbeResult),
  /** Set when the receiver could not be reached, at the start or later: the check is not complete. */
  unreachable: z.object({ code: z.string(), message: z.string(), hint: z.string() }).nullable(),
  duration_ms: z.number(),
});
export type CheckReport = z.infer<typeof CheckReport>;
