import vm from 'node:vm';
import { sameJson } from './json-path.ts';

/** What can be asked of a value besides being the same. */
export const MATCHERS = [
  'equals',
  'not',
  'contains',
  'matches',
  'exists',
  'gt',
  'gte',
  'lt',
  'lte',
  'length',
  'oneOf',
  'type',
] as const;
export type MatcherName = (typeof MATCHERS)[number];

/** What must hold of a value, all of it: `{ gte: 40, lt: 50 }`. */
export type Matcher = Partial<Record<MatcherName, unknown>>;

const TYPES = ['string', 'number', 'boolean', 'object', 'array', 'null'];
/** Longest time that a pattern may take on one text, wall milliseconds: one that runs away is ended. */
const PATTERN_LIMIT_MS = 50;

/**
 * Whether an object asks for something, and is no value to be compared: each of its keys is a matcher's name and has a
 * value that this matcher takes. Data that looks so is asked for with `equals`.
 */
export function isMatcher(value: unknown): value is Matcher {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const entries = Object.entries(value);
  return (
    entries.length > 0 &&
    entries.every(
      ([name, wanted]) => MATCHERS.includes(name as MatcherName) && takes(name as MatcherName, wanted),
    )
  );
}

function takes(name: MatcherName, wanted: unknown): boolean {
  switch (name) {
    case 'exists':
      return typeof wanted === 'boolean';
    case 'matches':
      return typeof wanted === 'string' && patternProblem(wanted) === null;
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return typeof wanted === 'number' || typeof wanted === 'string';
    case 'length':
      return typeof wanted === 'number' || isMatcher(wanted);
    case 'oneOf':
      return Array.isArray(wanted);
    case 'type':
      return TYPES.includes(wanted as string);
    default:
      return true;
  }
}

/** What is wrong with a pattern; `null` for a good one. */
export function patternProblem(pattern: string): string | null {
  try {
    new RegExp(pattern, 'u');
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Whether all of it holds; `actual` is `undefined` where nothing stands. */
export function matches(actual: unknown, matcher: Matcher): boolean {
  return Object.entries(matcher).every(([name, wanted]) => matchesOne(actual, name as MatcherName, wanted));
}

function matchesOne(actual: unknown, name: MatcherName, wanted: unknown): boolean {
  if (name === 'exists') return (actual !== undefined) === wanted;
  if (name === 'not') return isMatcher(wanted) ? !matches(actual, wanted) : !sameJson(actual, wanted);
  if (actual === undefined) return false;
  switch (name) {
    case 'equals':
      return sameJson(actual, wanted);
    case 'contains':
      return contains(actual, wanted);
    case 'matches':
      return typeof actual === 'string' && testPattern(wanted as string, actual);
    case 'length': {
      const length = typeof actual === 'string' || Array.isArray(actual) ? actual.length : undefined;
      return isMatcher(wanted) ? matches(length, wanted) : length === wanted;
    }
    case 'oneOf':
      return (wanted as unknown[]).some((one) => sameJson(actual, one));
    case 'type':
      return (actual === null ? 'null' : Array.isArray(actual) ? 'array' : typeof actual) === wanted;
    default:
      return compare(actual, name, wanted);
  }
}

/** A text holds a part; a list holds a value, or a text that holds it; an object what is named. */
function contains(actual: unknown, wanted: unknown): boolean {
  if (typeof actual === 'string') return typeof wanted === 'string' && actual.includes(wanted);
  if (Array.isArray(actual))
    return actual.some((one) => sameJson(one, wanted) || (typeof one === 'string' && contains(one, wanted)));
  if (typeof actual !== 'object' || actual === null || typeof wanted !== 'object' || wanted === null)
    return false;
  return Object.entries(wanted).every(([key, one]) =>
    sameJson((actual as Record<string, unknown>)[key], one),
  );
}

/** Numbers with numbers, texts with texts (as ISO 8601 times are ordered); anything else does not hold. */
function compare(actual: unknown, name: MatcherName, wanted: unknown): boolean {
  if (typeof actual !== typeof wanted || (typeof actual !== 'number' && typeof actual !== 'string'))
    return false;
  const [a, b] = [actual, wanted] as [number, number];
  if (name === 'gt') return a > b;
  if (name === 'gte') return a >= b;
  return name === 'lt' ? a < b : a <= b;
}

let sandbox: vm.Context | undefined;
const script = new vm.Script('new RegExp(pattern, "u").test(text)');

/** In a context of its own, which alone can be ended in the middle of a pattern. */
function testPattern(pattern: string, text: string): boolean {
  sandbox ??= vm.createContext(Object.create(null));
  Object.assign(sandbox, { pattern, text });
  try {
    return script.runInContext(sandbox, { timeout: PATTERN_LIMIT_MS }) as boolean;
  } catch {
    return false;
  }
}

const OPERATORS = {
  '=': 'equals',
  '!=': 'not',
  '~=': 'matches',
  '>=': 'gte',
  '<=': 'lte',
  '>': 'gt',
  '<': 'lt',
} as const;

/** One thing that must hold, as it is typed: `data.score>=40`, `data.cv!`. */
export interface TypedMatch {
  /** What stands before the operator. */
  key: string;
  operator: MatcherName;
  /** What stands after it, as text; `''` for `!`. */
  wanted: string;
}

/** Reads `key=value` and its kin; `null` for what has no operator. */
export function readTypedMatch(text: string): TypedMatch | null {
  if (/^[^=<>~!]+!$/.test(text)) return { key: text.slice(0, -1), operator: 'exists', wanted: '' };
  const [, key, operator, wanted] = /^([^=<>~!]+)(>=|<=|!=|~=|=|>|<)(.*)$/s.exec(text) ?? [];
  if (key === undefined) return null;
  return { key, operator: OPERATORS[operator as keyof typeof OPERATORS], wanted: wanted! };
}

/**
 * Whether a typed match holds: what was typed may be the text itself, or spell a JSON value.
 */
export function matchesTyped(actual: unknown, { operator, wanted }: TypedMatch): boolean {
  if (operator === 'exists') return actual !== undefined;
  const values = [wanted, ...parsed(wanted)];
  // Not to be one of them is not to be either of them.
  if (operator === 'not') return values.every((one) => !sameJson(actual, one));
  return values.some((one) => takes(operator, one) && matchesOne(actual, operator, one));
}

function parsed(text: string): unknown[] {
  try {
    return [JSON.parse(text)];
  } catch {
    return [];
  }
}
