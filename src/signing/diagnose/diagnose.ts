import { createHash } from 'node:crypto';
import { fingerprint } from '../fingerprint.ts';
import { assertBytes, computeSignature } from '../sign.ts';
import { DEFAULT_TOLERANCE, verify } from '../verify.ts';
import { suggestChecks } from './checks.ts';
import { describeMistake } from './describe-mistake.ts';
import { type GivenHeader, readGivenHeader } from './given.ts';
import { hideSecrets } from './hide-secrets.ts';
import { describeMalformed, isMalformed } from './malformed.ts';
import { secondsOf } from './message-variants.ts';
import { type SearchState, search } from './search.ts';
import { readTargets } from './targets.ts';
import { judgeAge } from './timing.ts';
import type { DiagnoseOptions, Diagnosis, Finding, Mistake } from './types.ts';
import { visibleEnds, visibleText } from './visible.ts';

/** How many steps a diagnosis spends on combinations of mistakes; a second or less of a usual machine. */
export const DEFAULT_BUDGET = 200_000;

/**
 * Tells why a signature does not verify, or why a receiver computed another value than a genuine
 * signature has. Every finding is proved: the value was computed again with that mistake, and matched.
 * The result never holds a secret.
 *
 * @throws TypeError when `body` is not bytes, no expected secret is given, or neither a header nor a
 *   computed value.
 */
export function diagnose(options: DiagnoseOptions): Diagnosis {
  const steps = diagnoseInSteps(options);
  for (;;) {
    const { value, done } = steps.next();
    if (done) return value;
  }
}

/**
 * The same in small steps of a few milliseconds at most (more for bodies of a megabyte): for a server
 * that must answer others in between.
 */
export function* diagnoseInSteps(options: DiagnoseOptions): Generator<undefined, Diagnosis> {
  assertBytes(options.body);
  const expected = expectedOf(options);
  if (expected.length === 0) throw new TypeError('diagnose needs at least one secret of the role "expected"');
  if (options.computed === undefined && options.header === undefined) {
    throw new TypeError('diagnose needs a header, or a computed value');
  }
  const body = Buffer.from(options.body.buffer, options.body.byteOffset, options.body.byteLength);
  const now = options.now ?? Math.floor(Date.now() / 1000);
  const header = readGivenHeader(options.header);
  const t = options.timestamp === undefined ? header.t : String(options.timestamp);
  const outcome = yield* options.computed === undefined
    ? judgeHeader(options, header, body, now)
    : explain(options, [options.computed], t, body, now);

  const given = options.computed ?? header.values[0] ?? (header.text.trim() || null);
  const result: Diagnosis = {
    verdict: outcome.findings.length > 0 ? 'explained' : outcome.mistakes === null ? 'unexplained' : 'valid',
    findings: outcome.findings,
    expected: t === null ? null : computeSignature(body, expected[0]!, t),
    given: given === null ? null : visibleText(given.trim().slice(0, 512)),
    hashed: {
      ...visibleEnds(t === null ? '' : `${t}.`, body),
      bytes: body.length,
      sha256: createHash('sha256').update(body).digest('hex'),
    },
    secret_fingerprint: fingerprint(expected[0]!),
    checks: [],
    tried: outcome.tried,
    exhaustive: outcome.exhaustive,
  };
  if (result.verdict === 'unexplained') result.checks = suggestChecks(options, body);
  return hideSecrets(result, options.secrets);
}

interface Outcome {
  /** What was found in the hash: nothing where it is right, `null` where nothing explains it. */
  mistakes: Mistake[] | null;
  findings: Finding[];
  tried: number;
  exhaustive: boolean;
}

/** Is the header right, and if not, what was done instead? */
function* judgeHeader(
  options: DiagnoseOptions,
  header: GivenHeader,
  body: Buffer,
  now: number,
): Generator<undefined, Outcome> {
  const { tolerance = DEFAULT_TOLERANCE } = options;
  const secret = expectedOf(options);
  const result = verify({ body, header: header.text, secret, now, tolerance });
  if (result.valid) return { mistakes: [], findings: [], tried: 1, exhaustive: true };
  // t in another unit is a mistake of its own; its age is that of the same moment in seconds.
  const seconds = header.t === null ? null : secondsOf(header.t);
  const age = seconds === null ? null : judgeAge(Math.round(now - seconds), tolerance);
  const aged = age === null ? [] : [describeMistake(age, options)];
  if (result.reason === 'stale' || result.reason === 'future')
    return { mistakes: [], findings: aged, tried: 1, exhaustive: true };
  const outcome = yield* explain(options, header.values, header.t, body, now);
  const { mistakes, findings } = outcome;
  const isExplained = mistakes !== null;
  const malformed = isMalformed(header, mistakes ?? [])
    ? [describeMalformed(header, options, isExplained)]
    : [];
  return { ...outcome, findings: [...malformed, ...findings, ...(isExplained ? aged : [])] };
}

/** What was done to come to one of the values? The age of what a receiver computed says nothing about that. */
function* explain(
  options: DiagnoseOptions,
  values: readonly string[],
  t: string | null,
  body: Buffer,
  now: number,
): Generator<undefined, Outcome> {
  // What Go's `mac.Sum` may have got, shortest first.
  const messages = [body, Buffer.concat([Buffer.from(`${t ?? ''}.`), body])];
  const targets = values.flatMap((value) => readTargets(value, messages));
  const state: SearchState = { tried: 0, spent: 0, exhausted: false };
  const { secrets, budget = DEFAULT_BUDGET } = options;
  const mistakes =
    targets.length === 0 ? null : yield* search({ body, t, targets, secrets, now, budget }, state);
  const findings = (mistakes ?? []).map((mistake) => describeMistake(mistake, options));
  return { mistakes, findings, tried: state.tried, exhaustive: !state.exhausted };
}

function expectedOf({ secrets }: DiagnoseOptions): string[] {
  return secrets.filter((secret) => secret.role === 'expected').map(({ value }) => value);
}
