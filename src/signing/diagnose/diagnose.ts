import { createHash } from 'node:crypto';
import { fingerprint } from '../fingerprint.ts';
import { assertBytes, computeSignature } from '../sign.ts';
import { DEFAULT_TOLERANCE, type VerifyResult, verify } from '../verify.ts';
import { suggestChecks } from './checks.ts';
import { describeMistake } from './describe-mistake.ts';
import { type GivenHeader, readGivenHeader, readTargets } from './given.ts';
import { hideSecrets } from './hide-secrets.ts';
import { describeMalformed, isMalformed } from './malformed.ts';
import { type SearchState, search } from './search.ts';
import { judgeAge } from './timing.ts';
import type { DiagnoseOptions, Diagnosis, Finding, Mistake } from './types.ts';
import { visibleEnds, visibleText } from './visible.ts';

/** How long a diagnosis searches, in milliseconds. */
export const DEFAULT_BUDGET_MS = 700;

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
 * that must answer others in between. The budget counts only the time inside the steps.
 */
export function* diagnoseInSteps(options: DiagnoseOptions): Generator<undefined, Diagnosis> {
  assertBytes(options.body);
  const expected = options.secrets.filter((secret) => secret.role === 'expected').map(({ value }) => value);
  if (expected.length === 0) throw new TypeError('diagnose needs at least one secret of the role "expected"');
  if (options.computed === undefined && options.header === undefined) {
    throw new TypeError('diagnose needs a header, or a computed value');
  }
  const body = Buffer.from(options.body.buffer, options.body.byteOffset, options.body.byteLength);
  const now = options.now ?? Math.floor(Date.now() / 1000);
  const header = readGivenHeader(options.header);
  const t = options.timestamp === undefined ? header.t : String(options.timestamp);
  const outcome =
    options.computed === undefined
      ? yield* judgeHeader(options, header, body, expected, now)
      : yield* judgeComputed(options, options.computed, t, body, now);

  const given = options.computed ?? header.values[0] ?? (header.text.trim() || null);
  const result: Diagnosis = {
    verdict: outcome.findings.length > 0 ? 'explained' : outcome.valid ? 'valid' : 'unexplained',
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
  valid: boolean;
  findings: Finding[];
  tried: number;
  exhaustive: boolean;
}

/** Is the header right, and if not, what was done instead? */
function* judgeHeader(
  options: DiagnoseOptions,
  header: GivenHeader,
  body: Buffer,
  expected: readonly string[],
  now: number,
): Generator<undefined, Outcome> {
  const tolerance = options.tolerance ?? DEFAULT_TOLERANCE;
  const result: VerifyResult = verify({ body, header: header.text, secret: expected, now, tolerance });
  const outcome: Outcome = { valid: result.valid, findings: [], tried: 1, exhaustive: true };
  if (result.valid) return outcome;
  const age = (t: string | null) => {
    // t in milliseconds is a mistake of its own; its age is that of the same moment in seconds.
    const seconds = t === null ? Number.NaN : Number(t) / (/^[0-9]{13}$/.test(t) ? 1000 : 1);
    const judged = Number.isFinite(seconds) ? judgeAge(Math.round(now - seconds), tolerance) : null;
    return judged === null ? [] : [describeMistake(judged.mistake, options, judged)];
  };
  if (result.reason === 'stale' || result.reason === 'future') {
    outcome.findings = age(header.t);
    return outcome;
  }
  const targets = header.values.flatMap(readTargets);
  const found = yield* drive(options, { body, t: header.t, targets, secrets: options.secrets, now });
  Object.assign(outcome, found.counts);
  const mistakes = found.mistakes ?? [];
  if (isMalformed(header, mistakes)) {
    outcome.findings.push(describeMalformed(header, options, found.mistakes !== null));
  }
  outcome.findings.push(...mistakes.map((mistake) => describeMistake(mistake, options)));
  if (found.mistakes !== null) outcome.findings.push(...age(header.t));
  return outcome;
}

/** What did the receiver do to come to this value? The genuine signature's age says nothing about that. */
function* judgeComputed(
  options: DiagnoseOptions,
  computed: string,
  t: string | null,
  body: Buffer,
  now: number,
): Generator<undefined, Outcome> {
  const targets = readTargets(computed);
  const found = yield* drive(options, { body, t, targets, secrets: options.secrets, now });
  const mistakes = found.mistakes ?? [];
  return {
    valid: found.mistakes !== null && mistakes.length === 0,
    findings: mistakes.map((mistake) => describeMistake(mistake, options)),
    ...found.counts,
  };
}

/** Runs the search until it finds something or its time is up. */
function* drive(
  options: DiagnoseOptions,
  input: Parameters<typeof search>[0],
): Generator<undefined, { mistakes: Mistake[] | null; counts: { tried: number; exhaustive: boolean } }> {
  const state: SearchState = { tried: 0 };
  const budget = options.budgetMs ?? DEFAULT_BUDGET_MS;
  if (input.targets.length === 0) return { mistakes: null, counts: { tried: 0, exhaustive: true } };
  const steps = search(input, state);
  let spent = 0;
  let mistakes: Mistake[] | null = null;
  let exhaustive = false;
  while (spent < budget) {
    const started = performance.now();
    const step = steps.next();
    spent += performance.now() - started;
    if (step.done) {
      mistakes = step.value;
      exhaustive = true;
      break;
    }
    yield;
  }
  return { mistakes, counts: { tried: state.tried, exhaustive } };
}
