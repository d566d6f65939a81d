import { CHECK_LEVELS, type CheckLevel, type ProbeFacts } from '../../contract/check.ts';
import type { Probe } from './probe.ts';
import { ACCEPTANCE } from './probes/acceptance.ts';
import { ANSWERS } from './probes/answers.ts';
import { CERTIFICATE } from './probes/certificate.ts';
import { CRASH_FACTS } from './probes/crash.ts';
import { FRESHNESS, RECENT } from './probes/freshness.ts';
import { MALFORMED_HEADER, TWO_V1 } from './probes/header.ts';
import { IDEMPOTENCY, IDEMPOTENCY_AT_ONCE } from './probes/idempotency.ts';
import { LOAD } from './probes/load.ts';
import { RAW_BYTES } from './probes/raw-bytes.ts';
import { SIGNATURES } from './probes/signatures.ts';
import { TOLERANCE } from './probes/tolerance.ts';

/** Every probe that needs no more than a receiver, in the order in which it runs: by level, each after those that it needs. */
export const PROBES: readonly Probe[] = [
  ...ACCEPTANCE,
  ...SIGNATURES,
  ...RAW_BYTES,
  ...FRESHNESS,
  ...MALFORMED_HEADER,
  ...IDEMPOTENCY,
  ...TOLERANCE,
  ...RECENT,
  ...LOAD,
  ...IDEMPOTENCY_AT_ONCE,
  ...TWO_V1,
  ...CERTIFICATE,
  // Last: it looks at every answer so far.
  ...ANSWERS,
];

/** What a probe says of itself, without what it does. */
export function factsOf(probe: Omit<Probe, 'run'>): ProbeFacts {
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

/** The probe that kills the receiver stands among those of its level. */
export function withCrash<P extends { level: CheckLevel }>(probes: readonly P[], crash: P): P[] {
  const isEarlier = ({ level }: P) => CHECK_LEVELS.indexOf(level) <= CHECK_LEVELS.indexOf(crash.level);
  return [...probes.filter(isEarlier), crash, ...probes.filter((probe) => !isEarlier(probe))];
}

/** What `--list` shows: also the probe that needs `--crash`. */
export const PROBE_FACTS: readonly ProbeFacts[] = withCrash(PROBES.map(factsOf), factsOf(CRASH_FACTS));
