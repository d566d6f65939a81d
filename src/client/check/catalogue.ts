import type { ProbeFacts } from '../../contract/check.ts';
import type { Probe } from './probe.ts';
import { ACCEPTANCE } from './probes/acceptance.ts';
import { ANSWERS } from './probes/answers.ts';
import { FRESHNESS } from './probes/freshness.ts';
import { MALFORMED_HEADER, TWO_V1 } from './probes/header.ts';
import { IDEMPOTENCY } from './probes/idempotency.ts';
import { LOAD } from './probes/load.ts';
import { RAW_BYTES } from './probes/raw-bytes.ts';
import { SIGNATURES } from './probes/signatures.ts';
import { TOLERANCE } from './probes/tolerance.ts';

/** Every probe in the order in which it runs: by level, and each after those that it needs. */
export const PROBES: readonly Probe[] = [
  ...ACCEPTANCE,
  ...SIGNATURES,
  ...RAW_BYTES,
  ...FRESHNESS,
  ...MALFORMED_HEADER,
  ...IDEMPOTENCY,
  ...TOLERANCE,
  ...LOAD,
  ...TWO_V1,
  // Last: it looks at every answer so far.
  ...ANSWERS,
];

/** What a probe says of itself, without what it does. */
export function factsOf({ run: _, ...probe }: Probe): ProbeFacts {
  const { id, level, title, why, documented, fix } = probe;
  return {
    id,
    level,
    title,
    why,
    documented,
    fix,
    faults: probe.faults ?? [],
    after: probe.after ?? [],
    live: probe.live ?? false,
  };
}
