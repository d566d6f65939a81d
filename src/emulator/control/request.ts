import type * as z from 'zod';
import { gatewayError } from '../../contract/errors.ts';
import { problemsFromIssues } from '../../contract/problems.ts';
import type { Ats, AtsRegistry } from '../ats/registry.ts';

/** A refusal that a route answers with: thrown, and turned into an answer in one place. */
export class Refused extends Error {
  readonly refusal;
  constructor(...args: Parameters<typeof gatewayError>) {
    super(args[0]);
    this.refusal = gatewayError(...args);
  }
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
