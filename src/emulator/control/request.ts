import type { IncomingMessage } from 'node:http';
import type * as z from 'zod';
import { refused } from '../../contract/errors.ts';
import { parseJson } from '../../contract/json.ts';
import { MAX_JSON_DEPTH } from '../../contract/limits.ts';
import { problemsFromIssues } from '../../contract/problems.ts';
import { readBody } from '../../transport/read-body.ts';
import type { Ats, AtsRegistry } from '../ats/registry.ts';

/** A webhook's body of 1 MiB, in base64, and what stands around it. */
const MAX_REQUEST_BYTES = 2 * 1024 * 1024;

/**
 * The JSON of a request, whatever its `Content-Type` says; `undefined` where it has no body.
 *
 * @throws RefusedError (413, 422), and 400 where the body did not come whole.
 */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const read = await readBody(request, MAX_REQUEST_BYTES);
  if (!read.ok) {
    if (read.reason === 'too_large') throw refused('body_too_large', 'Request body is larger than 2 MiB');
    throw refused('bad_request', read.reason === 'incomplete' ? read.message : undefined);
  }
  if (read.body.length === 0) return undefined;
  const parsed = parseJson(read.body, 'plain', MAX_JSON_DEPTH);
  if (!parsed.ok) throw refused('validation', [parsed.problem]);
  return parsed.value;
}

/** @throws RefusedError (422) with every problem. */
export function parseRequest<S extends z.ZodType>(
  schema: S,
  value: unknown,
  root: 'body' | 'query' = 'body',
): z.infer<S> {
  const result = schema.safeParse(value ?? {});
  if (result.success) return result.data;
  throw refused('validation', problemsFromIssues(result.error.issues, value, [root]));
}

/**
 * The ATS that a request is about: the one named, or the only one. One that tests or scenarios added does not count
 * beside the configured one.
 *
 * @throws RefusedError (404)
 */
export function findAts(
  registry: AtsRegistry,
  id: string | undefined,
  configured: readonly { id: string }[] = [],
): Ats {
  const all = registry.list();
  const only = [all, configured].find(({ length }) => length === 1)?.[0];
  const ats = registry.get(id ?? only?.id ?? '');
  if (ats) return ats;
  throw refused(
    'unknown_ats',
    id === undefined ? 'several ATSs: say which with ats_id' : `Unknown ATS ${id}`,
  );
}
