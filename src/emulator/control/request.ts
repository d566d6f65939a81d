import type { IncomingMessage } from 'node:http';
import type * as z from 'zod';
import { gatewayError } from '../../contract/errors.ts';
import { parseJson } from '../../contract/json.ts';
import { problemsFromIssues } from '../../contract/problems.ts';
import { readBody } from '../../transport/read-body.ts';
import type { Ats, AtsRegistry } from '../ats/registry.ts';

/** A webhook's body of 1 MiB, in base64, and what stands around it. */
const MAX_REQUEST_BYTES = 2 * 1024 * 1024;

/** A refusal that a route answers with: thrown, and turned into an answer in one place. */
export class Refused extends Error {
  readonly refusal;
  constructor(...args: Parameters<typeof gatewayError>) {
    super(args[0]);
    this.refusal = gatewayError(...args);
  }
}

/**
 * The JSON of a request, whatever its `Content-Type` says; `undefined` where it has no body.
 *
 * @throws Refused (413, 422), and 400 where the body did not come whole.
 */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const read = await readBody(request, MAX_REQUEST_BYTES);
  if (!read.ok) {
    if (read.reason === 'too_large') throw new Refused('body_too_large', 'Request body is larger than 2 MiB');
    throw new Refused('bad_request', read.reason === 'incomplete' ? read.message : undefined);
  }
  if (read.body.length === 0) return undefined;
  const parsed = parseJson(read.body, 'plain');
  if (!parsed.ok) throw new Refused('validation', [parsed.problem]);
  return parsed.value;
}

/** @throws Refused (422) with every problem. */
export function parseRequest<S extends z.ZodType>(
  schema: S,
  value: unknown,
  root: 'body' | 'query' = 'body',
): z.infer<S> {
  const result = schema.safeParse(value ?? {});
  if (result.success) return result.data;
  throw new Refused('validation', problemsFromIssues(result.error.issues, value, [root]));
}

/**
 * The ATS that a request is about: the one named, or the only one.
 *
 * @throws Refused (404)
 */
export function findAts(registry: AtsRegistry, id: string | undefined): Ats {
  const all = registry.list();
  const ats = id === undefined && all.length === 1 ? all[0] : registry.get(id ?? '');
  if (ats) return ats;
  throw new Refused(
    'unknown_ats',
    id === undefined ? 'several ATSs: say which with ats_id' : `Unknown ATS ${id}`,
  );
}
