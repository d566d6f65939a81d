import type { GatewayError } from '../errors.ts';
import { isRecord } from '../is-record.ts';
import type { OutgoingBody } from '../outgoing.ts';
import type { Problem } from '../problems.ts';
import {
  ASSUMED_REFUSALS,
  type AssumedRefusal,
  type ErrorShape,
  type Facts,
  type FieldType,
} from './facts.ts';

/** How the wire looks with facts: inside, everything goes by the contract's own names. Pure. */

type Fields = Record<string, unknown>;
type MaybeFacts = Facts | undefined;

/** Status and body of a refusal, as it is answered and logged. */
export function sayRefusal(facts: MaybeFacts, error: GatewayError): { status: number; body: unknown } {
  const { code, status: own } = error;
  // CarvOS documents that one.
  if (facts === undefined || code === 'invalid_api_key') return error;
  const status = (code in ASSUMED_REFUSALS ? facts.statuses?.[code as AssumedRefusal] : undefined) ?? own;
  const { detail } = error.body;
  const problems = Array.isArray(detail) ? detail.map((one) => renameProblem(facts, one)) : null;
  const shape = problems === null ? facts.errors?.refusal : facts.errors?.validation;
  if (shape === undefined) return { status, body: { detail: problems ?? detail } };
  const values = { $code: code, $message: error.message, $status: status, $field: '' };
  return { status, body: fill(shape, values, problems) };
}

type Values = Record<'$code' | '$message' | '$status' | '$field', string | number>;

function fill(shape: ErrorShape, values: Values, problems: readonly Problem[] | null): unknown {
  if (typeof shape === 'string') return shape === '' ? '' : values[shape];
  if (typeof shape !== 'object' || shape === null) return shape;
  if (!Array.isArray(shape))
    return Object.fromEntries(
      Object.entries(shape).map(([name, one]) => [name, fill(one, values, problems)]),
    );
  const [each] = shape;
  if (problems === null) return [fill(each, values, null)];
  return problems.map(({ type, msg, loc }) =>
    fill(each, { ...values, $code: type, $message: msg, $field: loc.slice(1).join('.') }, null),
  );
}

function renameProblem({ cvField }: Facts, problem: Problem): Problem {
  const [place, field, ...rest] = problem.loc;
  if (cvField === undefined || place !== 'body' || field !== 'cv') return problem;
  return { ...problem, loc: [place, cvField, ...rest] };
}

/**
 * The body of a request by the contract's names, and back: the field of the CV changes places with `cv`, which is
 * then a field like any other.
 */
export function swapCv<T>(facts: MaybeFacts, value: T): T {
  const name = facts?.cvField;
  if (name === undefined || !isRecord(value)) return value;
  if (!Object.hasOwn(value, name) && !Object.hasOwn(value, 'cv')) return value;
  const other = (key: string) => (key === 'cv' ? name : key === name ? 'cv' : key);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [other(key), one])) as T;
}

/** An entity as the gateway shows it. */
export function showEntity(facts: MaybeFacts, kind: string, data: Fields): Fields {
  if (facts === undefined) return data;
  const known = isEntity(kind) ? facts.fields?.[kind] : undefined;
  return { ...examples(known), ...(isEntity(kind) ? swapCv(facts, data) : data) };
}

const isEntity = (kind: string): kind is 'candidate' | 'vacancy' | 'application' =>
  kind === 'candidate' || kind === 'vacancy' || kind === 'application';

/** An outgoing event as it is sent. */
export function showEvent(facts: MaybeFacts, body: OutgoingBody): Fields {
  if (facts === undefined) return { ...body };
  const [kind, action] = body.event.split('.') as [string, string];
  const full = body.error === null && action !== 'deleted';
  const data = full ? scaleScore(facts, showEntity(facts, kind, body.data)) : body.data;
  return { ...examples(facts.fields?.envelope), ...body, data };
}

function scaleScore({ score: range }: Facts, data: Fields): Fields {
  if (range === undefined || typeof data.score !== 'number') return data;
  const exact = range.min + (data.score / 100) * (range.max - range.min);
  const score = range.whole ? Math.round(exact) : Math.round(exact * 1000) / 1000;
  return { ...data, score };
}

const EXAMPLES: Record<FieldType, unknown> = {
  text: '',
  number: 0,
  boolean: false,
  list: [],
  object: {},
  null: null,
};

function examples(types: Record<string, FieldType> | undefined): Fields {
  return Object.fromEntries(Object.entries(types ?? {}).map(([name, type]) => [name, EXAMPLES[type]]));
}
