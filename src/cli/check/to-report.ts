import { factsOf } from '../../client/check/catalogue.ts';
import { notJudged, type Probe } from '../../client/check/probe.ts';
import type { CheckOutcome } from '../../client/check/run-check.ts';
import { CHECK_LEVELS, type CheckLevel, type CheckReport, type ProbeResult } from '../../contract/check.ts';
import { maskUrl } from '../../contract/mask-url.ts';
import { OUTPUT_VERSION } from '../../contract/version.ts';
import { fingerprint } from '../../signing/fingerprint.ts';

/** @param isWhole whether nobody interrupted it: otherwise it holds nothing, whatever was found. */
export function toReport(
  url: URL,
  secret: string,
  failOn: CheckLevel,
  { results, unreachable }: CheckOutcome,
  durationMs: number,
  isWhole: boolean,
): CheckReport {
  const count = (outcome: string) => results.filter((result) => result.outcome === outcome).length;
  const levels = CHECK_LEVELS.slice(0, CHECK_LEVELS.indexOf(failOn) + 1);
  return {
    version: OUTPUT_VERSION,
    url: maskUrl(url.href),
    secret_fingerprint: fingerprint(secret),
    fail_on: failOn,
    holds:
      isWhole &&
      unreachable === null &&
      !results.some(({ level, outcome }) => outcome === 'failed' && levels.includes(level)),
    counts: { passed: count('passed'), failed: count('failed'), not_judged: count('not_judged') },
    probes: results,
    unreachable: unreachable && {
      code: unreachable.code,
      message: unreachable.message,
      hint: unreachable.hint,
    },
    duration_ms: Math.round(durationMs),
  };
}

/** What a signal left of the probes, the one in the middle of which it came among them. */
export function interruptedResults(probes: readonly Probe[]): ProbeResult[] {
  const verdict = notJudged('the check was interrupted');
  return probes.map((probe) => ({ ...factsOf(probe), ...verdict, requests: 0, duration_ms: 0 }));
}
