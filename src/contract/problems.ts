import type * as z from 'zod';
import { readPath } from './json-path.ts';
import { MAX_PROBLEMS } from './limits.ts';

/**
 * What is wrong with a request, one entry per problem, in the shape of FastAPI and pydantic v2
 * (contract, section 3, the 422 answer).
 */
export interface Problem {
  /** pydantic's name for the kind of problem: `missing`, `string_type`, `value_error` … */
  type: string;
  /** Where: `body`, `header` or `path`, then keys and zero-based indexes. */
  loc: (string | number)[];
  msg: string;
  /** What was found there, shortened where it is large. */
  input: unknown;
}

export type Checked<T> = { ok: true; value: T } | { ok: false; problems: Problem[] };

/**
 * Checks a value against a schema and returns the value itself, not zod's copy: key order and unknown
 * fields stay as they were sent. The schema must therefore not transform.
 */
export function checkValue<S extends z.ZodType>(
  schema: S,
  value: unknown,
  root: string = 'body',
): Checked<z.infer<S>> {
  const result = schema.safeParse(value);
  if (result.success) return { ok: true, value: value as z.infer<S> };
  return { ok: false, problems: problemsFromIssues(result.error.issues, value, [root]) };
}

/** A field that is not there. `input` is the object that lacks it, as in pydantic. */
export function missingProblem(loc: (string | number)[], input: unknown): Problem {
  return { type: 'missing', loc, msg: 'Field required', input: boundInput(input) };
}

/**
 * Fields of a body that say otherwise than the rest of the request does: in the path, in a header (contract,
 * section 4). A field that is not there says nothing.
 *
 * @param said what must be the same, and who says it: `the path`.
 */
export function findContradictions(
  body: object,
  said: Record<string, { by: string; value: unknown } | null>,
): Problem[] {
  const problems: Problem[] = [];
  for (const [field, other] of Object.entries(said)) {
    const value = Object.hasOwn(body, field) ? (body as Record<string, unknown>)[field] : undefined;
    if (other === null || value === undefined || value === other.value) continue;
    const msg = `Value error, ${other.by} says ${cutText(String(other.value))}`;
    problems.push({ type: 'value_error', loc: ['body', field], msg, input: boundInput(value) });
  }
  return problems;
}

export function describeProblem({ loc, msg }: Problem): string {
  return `${loc.slice(1).join('.') || 'body'}: ${msg}`;
}

/** The first three, for one line of a log. */
export function summarizeProblems(problems: readonly Problem[]): string {
  const first = problems.slice(0, 3).map(describeProblem);
  const more = problems.length > 3 ? `; and ${problems.length - 3} more` : '';
  return `${first.join('; ')}${more}`;
}

/**
 * Every zod issue as a problem, in order, at most MAX_PROBLEMS.
 *
 * @param value the value that was checked: issues carry only the path into it.
 * @param root what stands in front of every path.
 */
export function problemsFromIssues(
  issues: readonly z.core.$ZodIssue[],
  value: unknown,
  root: (string | number)[] = ['body'],
): Problem[] {
  const problems: Problem[] = [];
  // One by one: a body of 150,000 unknown keys is more than a call takes as arguments.
  for (const issue of issues)
    for (const problem of problemsFromIssue(issue, value, root)) problems.push(problem);
  return limitProblems(problems, root);
}

/** Cuts a list of problems to MAX_PROBLEMS; the last entry then says how many were left out. */
export function limitProblems(problems: Problem[], root: (string | number)[] = ['body']): Problem[] {
  if (problems.length <= MAX_PROBLEMS) return problems;
  const kept = problems.slice(0, MAX_PROBLEMS - 1);
  const rest = problems.length - kept.length;
  kept.push({
    type: 'too_many_problems',
    loc: root,
    msg: `${rest} more problems are not listed`,
    input: null,
  });
  return kept;
}

function problemsFromIssue(issue: z.core.$ZodIssue, value: unknown, root: (string | number)[]): Problem[] {
  const path = issue.path as (string | number)[]; // JSON has no symbols
  if (issue.code === 'unrecognized_keys') {
    const parent = readPath(value, path);
    return issue.keys.map((key) => ({
      type: 'extra_forbidden',
      loc: [...root, ...path, key],
      msg: 'Extra inputs are not permitted',
      input: boundInput(readPath(parent, [key])),
    }));
  }
  const loc = [...root, ...path];
  const input = readPath(value, path);
  if (input === undefined && path.length > 0)
    return [missingProblem(loc, readPath(value, path.slice(0, -1)))];
  const [type, msg] = describeIssue(issue);
  return [{ type, loc, msg, input: boundInput(input) }];
}

const TYPES: Record<string, readonly [string, string]> = {
  string: ['string_type', 'Input should be a valid string'],
  number: ['float_type', 'Input should be a valid number'],
  int: ['int_type', 'Input should be a valid integer'],
  boolean: ['bool_type', 'Input should be a valid boolean'],
  array: ['list_type', 'Input should be a valid list'],
  object: ['model_attributes_type', 'Input should be a valid dictionary or object to extract fields from'],
  record: ['dict_type', 'Input should be a valid dictionary'],
  null: ['none_required', 'Input should be None'],
};

function describeIssue(issue: z.core.$ZodIssue): readonly [string, string] {
  switch (issue.code) {
    case 'invalid_type':
      return TYPES[issue.expected] ?? ['value_error', `Value error, expected ${issue.expected}`];
    case 'too_small':
      return describeSize(issue.origin, Number(issue.minimum), 'too_short');
    case 'too_big':
      return describeSize(issue.origin, Number(issue.maximum), 'too_long');
    case 'invalid_value': {
      const values = issue.values.map((one) => `'${String(one)}'`);
      return ['literal_error', `Input should be ${joinOr(values)}`];
    }
    case 'invalid_union':
      return ['value_error', issue.message];
    case 'custom':
      return [typeof issue.params?.type === 'string' ? issue.params.type : 'value_error', issue.message];
    default:
      return ['value_error', `Value error, ${issue.message}`];
  }
}

function describeSize(
  origin: string,
  limit: number,
  kind: 'too_short' | 'too_long',
): readonly [string, string] {
  const bound = kind === 'too_short' ? 'at least' : 'at most';
  if (origin === 'string') {
    return [`string_${kind}`, `String should have ${bound} ${limit} character${limit === 1 ? '' : 's'}`];
  }
  if (origin === 'array') {
    return [kind, `List should have ${bound} ${limit} item${limit === 1 ? '' : 's'} after validation`];
  }
  return kind === 'too_short'
    ? ['greater_than_equal', `Input should be greater than or equal to ${limit}`]
    : ['less_than_equal', `Input should be less than or equal to ${limit}`];
}

function joinOr(words: string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

const MAX_INPUT_TEXT = 200;
const MAX_INPUT_NODES = 64;
const MAX_INPUT_DEPTH = 5;

/**
 * Shortens what a problem echoes: without it a 1 MiB body with five missing fields would be answered
 * with 5 MiB. Cut text ends in `…`, cut objects get a key `…`, cut lists an entry `…`.
 */
export function boundInput(value: unknown): unknown {
  let nodes = 0;
  const bound = (one: unknown, depth: number): unknown => {
    nodes += 1;
    if (typeof one === 'string') return cutText(one);
    if (typeof one !== 'object' || one === null) return one === undefined ? null : one;
    // A number that JavaScript cannot hold: kept as it is, so that it is written back exactly.
    if (!Array.isArray(one) && Object.getPrototypeOf(one) !== Object.prototype) return boundNumber(one);
    if (depth >= MAX_INPUT_DEPTH) return '…';
    if (Array.isArray(one)) {
      const list: unknown[] = [];
      for (const entry of one) {
        if (nodes >= MAX_INPUT_NODES) {
          list.push('…');
          break;
        }
        list.push(bound(entry, depth + 1));
      }
      return list;
    }
    const object: Record<string, unknown> = {};
    for (const key of Object.keys(one)) {
      if (nodes >= MAX_INPUT_NODES) {
        object['…'] = '…';
        break;
      }
      object[cutText(key)] = bound((one as Record<string, unknown>)[key], depth + 1);
    }
    return object;
  };
  return bound(value, 0);
}

function boundNumber(value: object): unknown {
  const text = String(value);
  return text.length <= MAX_INPUT_TEXT ? value : cutText(text);
}

function cutText(text: string): string {
  return text.length <= MAX_INPUT_TEXT ? text : `${text.slice(0, MAX_INPUT_TEXT)}…`;
}
