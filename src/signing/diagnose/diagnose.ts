import { createHash } from 'node:crypto';
import { fingerprint } from '../fingerprint.ts';
import { assertBytes, computeSignature } from '../sign.ts';
import { DEFAULT_TOLERANCE, verify } from '../verify.ts';
import { describeMistake, suggestChecks } from './describe.ts';
import { judgeSyntax, readGivenHeader } from './given.ts';
import { search } from './search.ts';
import { hideSecrets, visibleEnds, visibleText } from './shown.ts';
import { judgeAge } from './timing.ts';
import type { DiagnoseOptions, Diagnosis } from './types.ts';

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
  const expected = options.secrets.filter(({ role }) => role === 'expected').map(({ value }) => value);
  if (expected.length === 0) throw new TypeError('diagnose needs at least one secret of the role "expected"');
  if (options.computed === undefined && options.header === undefined)
    throw new TypeError('diagnose needs a header, or a computed value');
  const { computed, secrets, tolerance = DEFAULT_TOLERANCE, budget = DEFAULT_BUDGET } = options;
  const body = Buffer.from(options.body.buffer, options.body.byteOffset, options.body.byteLength);
  const now = options.now ?? Math.floor(Date.now() / 1000);
  const header = readGivenHeader(options.header);
  const t = options.timestamp === undefined ? header.t : String(options.timestamp);

  const verified =
    computed === undefined
      ? verify({ body, header: header.text, secret: expected, now, tolerance: Number.POSITIVE_INFINITY })
      : null;
  const values = computed === undefined ? header.values : [computed];
  const { mistakes, tried, exhaustive } = verified?.valid
    ? { mistakes: [], tried: 1, exhaustive: true }
    : yield* search({ body, t, values, secrets, now, budget });
  // The age of what a receiver computed says nothing, nor does that of a hash that nothing explains.
  const age = verified === null || mistakes === null ? null : judgeAge(t, now, tolerance);
  const syntax = verified === null ? null : judgeSyntax(header, mistakes);
  const all = [syntax, ...(mistakes ?? []), age].filter((one) => one !== null);
  const findings = all.map((mistake) => describeMistake(mistake, options));

  const given = computed ?? header.values[0] ?? (header.text.trim() || null);
  const verdict = findings.length > 0 ? 'explained' : mistakes === null ? 'unexplained' : 'valid';
  const result: Diagnosis = {
    verdict,
    findings,
    expected: t === null ? null : computeSignature(body, expected[0]!, t),
    given: given === null ? null : visibleText(given.trim().slice(0, 512)),
    hashed: {
      ...visibleEnds(t === null ? '' : `${t}.`, body),
      bytes: body.length,
      sha256: createHash('sha256').update(body).digest('hex'),
    },
    secret_fingerprint: fingerprint(expected[0]!),
    checks: verdict === 'unexplained' ? suggestChecks(options, body) : [],
    tried,
    exhaustive,
  };
  return hideSecrets(result, secrets);
}
