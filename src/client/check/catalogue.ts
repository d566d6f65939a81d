import { CHECK_LEVELS, type CheckLevel, type ProbeFacts } from '../../contract/check.ts';
import type { Probe } from './probe.ts';
import { acceptsValid, everyEvent } from './probes/acceptance.ts';
import { noStackTrace } from './probes/answers.ts';
import { certificate } from './probes/certificate.ts';
import { CRASH_FACTS } from './probes/crash.ts';
import { future, recent, stale } from './probes/freshness.ts';
import { malformedHeader, twoV1 } from './probes/header.ts';
import { duplicate, duplicateAtOnce } from './probes/idempotency.ts';
import { LOAD } from './probes/load.ts';
import { rawBytes, splitCharacters } from './probes/raw-bytes.ts';
import { SIGNATURES } from './probes/signatures.ts';
import { unknownEvent, unknownFields } from './probes/tolerance.ts';

/** Every probe that needs no more than a receiver, in the order in which it runs: by level, each after those that it needs. */
export const PROBES: readonly Probe[] = [
  acceptsValid,
  everyEvent,
  ...SIGNATURES,
  rawBytes,
  splitCharacters,
  stale,
  future,
  malformedHeader,
  duplicate,
  unknownFields,
  unknownEvent,
  recent,
  ...LOAD,
  duplicateAtOnce,
  twoV1,
  certificate,
  // Last: it looks at every answer so far.
  noStackTrace,
];

/** What a probe says of itself, without what it does. */
export function factsOf(probe: Omit<Probe, 'run'> & Partial<Pick<Probe, 'run'>>): ProbeFacts {
  const { run, faults = [], after = [], live = false, ...facts } = probe;
  return { ...facts, faults, after, live };
}

/** The probe that kills the receiver stands among those of its level. */
export function withCrash<P extends { level: CheckLevel }>(probes: readonly P[], crash: P): P[] {
  const isEarlier = ({ level }: P) => CHECK_LEVELS.indexOf(level) <= CHECK_LEVELS.indexOf(crash.level);
  return [...probes.filter(isEarlier), crash, ...probes.filter((probe) => !isEarlier(probe))];
}

/** What `--list` shows: also the probe that needs `--crash`. */
export const PROBE_FACTS: readonly ProbeFacts[] = withCrash(PROBES.map(factsOf), factsOf(CRASH_FACTS));
