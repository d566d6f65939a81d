import * as z from 'zod';
import { checkValue, summarizeProblems } from '../problems.ts';
import { CALL_NAMES, type CallName, type CallParams } from './calls.ts';
import type { NamedSchema, Route } from './route.ts';
import { CLOCK_ROUTES } from './routes/clock.ts';
import { FAULT_ROUTES, JOB_ROUTES } from './routes/jobs.ts';
import { LOG_ROUTES, REPLAY_ROUTES } from './routes/log.ts';
import { PORTAL_ROUTES, WORKSPACE_ROUTES } from './routes/portal.ts';
import { SNAPSHOT_ROUTES, STATUS_ROUTES } from './routes/status.ts';

/**
 * The control API, once: its router, its client and its OpenAPI document are made from this table. A call that is
 * added to `calls.ts` does not compile without its row here and its handler in the gateway.
 */
export const CONTROL_ROUTES = {
  ...STATUS_ROUTES,
  ...LOG_ROUTES,
  ...REPLAY_ROUTES,
  ...CLOCK_ROUTES,
  ...PORTAL_ROUTES,
  ...WORKSPACE_ROUTES,
  ...JOB_ROUTES,
  ...FAULT_ROUTES,
  ...SNAPSHOT_ROUTES,
} as const satisfies Record<CallName, Route>;

type Routes = typeof CONTROL_ROUTES;
type Only<S> = S[keyof S];
type AnswerSchema<N extends JsonCall> = Extract<Only<Routes[N]['answer']>, z.ZodType>;

/** Calls that answer with JSON of a schema. */
export type JsonCall = {
  [N in CallName]: Routes[N] extends { answer: NamedSchema } ? N : never;
}[CallName];

/** What a call answers. */
export type ControlAnswer<N extends JsonCall> = z.infer<AnswerSchema<N>>;

type Params<N extends CallName> = [keyof CallParams<N>] extends [never] ? object : { params: CallParams<N> };
type Query<N extends CallName> = Routes[N] extends { query: infer Q } ? { query?: z.input<Q> } : object;
type Body<N extends CallName> = Routes[N] extends { request: infer R }
  ? Routes[N] extends { bodyOptional: true }
    ? { body?: z.input<Only<R>> }
    : { body: z.input<Only<R>> }
  : object;

/** What a client says in a call. */
export type CallInput<N extends CallName> = Params<N> & Query<N> & Body<N>;

/** What its handler gets: checked, with what is there by default. */
export interface ParsedCall<N extends CallName> {
  params: CallParams<N>;
  query: Routes[N] extends { query: infer Q } ? z.infer<Q> : undefined;
  body: Routes[N] extends { request: infer R } ? z.infer<Only<R>> : undefined;
}

/** The row of a call. */
export function routeOf(name: CallName): Route {
  return CONTROL_ROUTES[name];
}

/** The one schema under its name. */
export function schemaOf(named: NamedSchema): z.ZodType {
  return Object.values(named)[0]!;
}

/** The schemas by which bodies, or answers, of all calls go in the document. */
export function schemasOf(part: 'request' | 'answer'): Record<string, z.ZodType> {
  return Object.assign({}, ...CALL_NAMES.map((name) => routeOf(name)[part]));
}

/** Every answer that is not 2xx. */
export const Refusal = z.object({
  detail: z.union([
    z.string(),
    z.array(z.object({ loc: z.array(z.union([z.string(), z.number()])), msg: z.string() })),
  ]),
});
export type Refusal = z.infer<typeof Refusal>;

/**
 * The value itself, where it fits; fields that are not known here stay in it. Otherwise what is wrong with it, in
 * a line.
 */
export function readAnswer<S extends z.ZodType>(
  schema: S,
  value: unknown,
): { ok: true; value: z.infer<S> } | { ok: false; problem: string } {
  const checked = checkValue(schema, value);
  return checked.ok ? checked : { ok: false, problem: summarizeProblems(checked.problems) };
}
