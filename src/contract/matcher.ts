import vm from 'node:vm';
import { isLosslessNumber, parseJson } from './json.ts';
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
/** More than a pattern that runs away gets through, and nothing for one that takes the square or cube of it. */
const REPEATED = 48;
const PARTS_TRIED = 64;

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
      return typeof actual === 'string' && trials.test(wanted as string, actual);
    case 'length': {
      const length = typeof actual === 'string' || Array.isArray(actual) ? actual.length : undefined;
      return isMatcher(wanted) ? matches(length, wanted) : length === wanted;
    }
    case 'oneOf':
      return (wanted as unknown[]).some((one) => sameJson(actual, one));
    case 'type':
      return (actual === null ? 'null' : Array.isArray(actual) ? 'array' : typeof plain(actual)) === wanted;
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
function compare(found: unknown, name: MatcherName, sought: unknown): boolean {
  const [actual, wanted] = [plain(found), plain(sought)];
  if (typeof actual !== typeof wanted || (typeof actual !== 'number' && typeof actual !== 'string'))
    return false;
  const [a, b] = [actual, wanted] as [number, number];
  if (name === 'gt') return a > b;
  if (name === 'gte') return a >= b;
  return name === 'lt' ? a < b : a <= b;
}

/** A number that was kept as it was written is one all the same. */
function plain(value: unknown): unknown {
  return isLosslessNumber(value) ? Number(value.value) : value;
}

let sandbox: vm.Context | undefined;
const script = new vm.Script('new RegExp(pattern, "u").test(text)');

/**
 * Tries a good pattern in a context of its own, which alone can be ended in the middle of it; `null` where it was. Who
 * did not get to run for that long is not running away: it is tried once more, with four times the limit.
 */
export function runPattern(pattern: string, text: string, limitMs: number, again = true): boolean | null {
  sandbox ??= vm.createContext(Object.create(null));
  Object.assign(sandbox, { pattern, text });
  const before = process.cpuUsage();
  try {
    return script.runInContext(sandbox, { timeout: limitMs }) as boolean;
  } catch {
    const { user, system } = process.cpuUsage(before);
    const isBusy = again && (user + system) / 1000 < 0.9 * limitMs;
    return isBusy ? runPattern(pattern, text, 4 * limitMs, false) : null;
  }
}

/** Patterns whose endings are counted: of few, since whoever asks can think of ever new ones. */
const ENDED_KEPT = 100;
/** A busy machine may end one that is good; one that was ended so often is not tried again. */
export const ENDED_MOST = 3;

/**
 * Tries patterns on texts. One that was ended `ENDED_MOST` times is given up and fits nothing from then on: each further
 * text would hold up the gateway as long.
 *
 * @param onEnded called with a pattern that took too long, and how often by now.
 */
export function createTrials(limitMs: number, onEnded: (pattern: string, times: number) => void = () => {}) {
  const ended = new Map<string, number>();
  const isGivenUp = (pattern: string) => (ended.get(pattern) ?? 0) >= ENDED_MOST;
  return {
    isGivenUp,
    test(pattern: string, text: string): boolean {
      if (isGivenUp(pattern)) return false;
      const found = runPattern(pattern, text, limitMs);
      if (found !== null) return found;
      if (ended.size >= ENDED_KEPT) ended.delete(ended.keys().next().value!);
      const times = (ended.get(pattern) ?? 0) + 1;
      ended.set(pattern, times);
      onEnded(pattern, times);
      return false;
    },
  };
}

const trials = createTrials(PATTERN_LIMIT_MS);

/** Whether a pattern is given up. */
export function isGivenUp(pattern: unknown): boolean {
  return typeof pattern === 'string' && trials.isGivenUp(pattern);
}

/**
 * Tries a pattern on texts that bring out one that runs away: its own letters and words, over and over. Nothing is guessed
 * from how it looks, so a good one is never refused; one that runs away on other texts is ended when it does.
 *
 * @returns the text on which it runs away.
 */
export function findRunaway(pattern: string): string | null {
  const words = pattern.match(/[\p{L}\p{N}]+/gu) ?? [];
  const parts = [...new Set([...pattern, ...words, 'a', 'A', '0', ' ', '-', '@', '.'])];
  for (const part of parts.slice(0, PARTS_TRIED)) {
    const text = `${part.repeat(REPEATED)}\0`;
    if (runPattern(pattern, text, PATTERN_LIMIT_MS) === null) return `${part.repeat(3)}…`;
  }
  return null;
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
  const read = parseJson(Buffer.from(text));
  return read.ok ? [read.value] : [];
}
