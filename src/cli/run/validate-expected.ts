import { criteriaOfKeys, MATCH_KEYS, otherWords } from '../../contract/delivery-match.ts';
import { parsePath } from '../../contract/json-path.ts';
import { findRunaway, patternProblem } from '../../contract/matcher.ts';
import type { ScenarioStep, StepKind } from '../../contract/scenario.ts';
import { didYouMean } from '../terminal/errors.ts';

type Path = readonly (string | number)[];
type Fail = (path: Path, message: string, next?: string) => void;

/** Steps whose `expect` waits for a delivery; those of the others lead into what was answered. */
const OF_DELIVERIES: readonly StepKind[] = ['send', 'meeting', 'rerun', 'expect', 'none'];

/** Looks at what steps expect before any of them runs: whether a delivery has such a field, and whether patterns are good. */
export function validateExpected(steps: readonly ScenarioStep[], fail: Fail): void {
  steps.forEach(({ kind, value }, index) => {
    const field = kind === 'none' ? 'none' : 'expect';
    const expected = value[field];
    if (typeof expected !== 'object' || expected === null) return;
    const { for: _for, advance: _advance, ...keys } = expected as Record<string, unknown>;
    const asked = kind === 'none' ? keys : (expected as Record<string, unknown>);
    for (const [key, wanted] of Object.entries(asked)) {
      const path = ['steps', index, field, key];
      if (OF_DELIVERIES.includes(kind)) checkKey(key, wanted, path, fail);
      else if (parsePath(key) === null) fail(path, `${key} is no path`, 'write it like body.items[0].id');
      checkPatterns(wanted, path, fail);
    }
  });
}

function checkKey(key: string, wanted: unknown, path: Path, fail: Fail): void {
  // A variable is known only later.
  const words = String(wanted).includes('${') ? null : otherWords(key, wanted);
  if (words !== null)
    fail(
      path,
      `no delivery has the ${key} ${wanted}.${didYouMean(String(wanted), words)}`,
      `choose one of ${words.join(', ')}`,
    );
  if (criteriaOfKeys({ [key]: 1 }) !== null) return;
  fail(
    path,
    `a delivery has no ${key}.${didYouMean(key, [...MATCH_KEYS, 'data'])}`,
    'it has event, status, outcome, attempts and data.…',
  );
}

function checkPatterns(wanted: unknown, path: Path, fail: Fail): void {
  if (typeof wanted !== 'object' || wanted === null) return;
  for (const [key, value] of Object.entries(wanted)) {
    const at = [...path, key];
    // With a variable in it, it is known only later.
    if (key !== 'matches' || typeof value !== 'string' || value.includes('${'))
      checkPatterns(value, at, fail);
    else {
      const problem = patternProblem(value);
      if (problem !== null) fail(at, problem, 'write a JavaScript pattern');
      const text = findRunaway(value);
      if (text !== null)
        fail(
          at,
          `the pattern runs away on text like ${JSON.stringify(text)}`,
          'nest no repetition in a repetition',
        );
    }
  }
}
