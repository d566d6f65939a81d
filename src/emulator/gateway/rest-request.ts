import type { IncomingMessage } from 'node:http';
import type { Request, Response } from 'express';
import { isLosslessNumber } from 'lossless-json';
import { Id } from '../../contract/entities.ts';
import { type GatewayErrorCode, gatewayError } from '../../contract/errors.ts';
import { parseJson } from '../../contract/json.ts';
import { MAX_BODY_BYTES, MAX_JSON_DEPTH } from '../../contract/limits.ts';
import { checkValue, missingProblem, type Problem, summarizeProblems } from '../../contract/problems.ts';
import { API_KEY_HEADER, CLIENT_HEADER, IDEMPOTENCY_HEADER, USER_HEADER } from '../../contract/rest.ts';
import { type IncompleteBody, readBody } from '../../transport/read-body.ts';
import type { Ats, AtsRegistry } from '../ats/registry.ts';
import { answerError } from '../http/answer.ts';
import { headerText } from '../http/header-text.ts';
import type { RequestRecord } from '../incoming/request-log.ts';
import type { Store } from '../store/store.ts';
import { getWorkspaceStatus } from '../store/workspaces.ts';
import { describeMissingKey } from './near-misses.ts';
import type { IngressParts } from './parts.ts';
import { loggedHeaders, recordBare } from './unmatched.ts';

/** A refusal on the way in: thrown by whoever finds it, answered and logged in one place. */
export class RestRefusal extends Error {
  readonly error;
  readonly #seen: string | null;

  /** @param seenOnly whether `detail` is for the log alone, and the answer says what it always says. */
  constructor(code: GatewayErrorCode, detail?: string | Problem[], seenOnly = false) {
    super(code);
    this.error = gatewayError(code, seenOnly ? undefined : detail);
    this.#seen = seenOnly && typeof detail === 'string' ? detail : null;
  }

  /** What is wrong, in one line for the log. */
  get reason(): string {
    const { detail } = this.error.body;
    if (this.#seen !== null) return this.#seen;
    return typeof detail === 'string' ? detail : summarizeProblems(detail);
  }
}

/** Who calls: the ATS by its key. @throws RestRefusal (401) */
function identifyAts(registry: AtsRegistry, request: IncomingMessage): Ats {
  const key = headerText(request, API_KEY_HEADER);
  const ats = key === undefined ? undefined : registry.findByApiKey(key);
  if (ats?.enabled !== 1)
    throw new RestRefusal('invalid_api_key', describeMissingKey(request, registry), true);
  return ats;
}

/** Values of the headers that a call needs, and what is wrong with them. */
export interface Headers {
  clientId: string;
  userId: string;
  eventId: string | null;
  problems: Problem[];
}

/** @param needed which of the two tenant headers the call cannot do without. */
export function readHeaders(request: IncomingMessage, needed: { client: boolean; user: boolean }): Headers {
  const problems: Problem[] = [];
  const read = (name: string, required: boolean): string => {
    const value = headerText(request, name);
    if ((request.headersDistinct[name.toLowerCase()]?.length ?? 0) > 1) {
      const msg = 'Value error, the header was sent more than once';
      problems.push({ type: 'value_error', loc: ['header', name.toLowerCase()], msg, input: null });
      return '';
    }
    if (value === undefined || value === '') {
      if (required) problems.push(missingProblem(['header', name.toLowerCase()], null));
      return '';
    }
    const checked = checkValue(Id, value, 'header');
    if (!checked.ok) {
      problems.push(...checked.problems.map((one) => ({ ...one, loc: ['header', name.toLowerCase()] })));
    }
    return value;
  };
  return {
    clientId: read(CLIENT_HEADER, needed.client),
    userId: read(USER_HEADER, needed.user),
    eventId: read(IDEMPOTENCY_HEADER, false) || null,
    problems,
  };
}

/** The tenant that the headers name. @throws RestRefusal (422, 404, 409) */
export function readTenant(store: Store, ats: Ats, request: Request, needsUser: boolean): Headers {
  const headers = readHeaders(request, { client: true, user: needsUser });
  const problems = [...headers.problems, ...checkPathId(request)];
  if (problems.length > 0) throw new RestRefusal('validation', problems);
  const status = getWorkspaceStatus(store, ats.id, headers.clientId);
  if (status === undefined) throw new RestRefusal('workspace_not_found');
  if (status === 'provisioning') throw new RestRefusal('workspace_provisioning');
  return headers;
}

/** What the log keeps of a call, as far as it is known. */
export interface Seen {
  record: RequestRecord;
  envelope: unknown;
}

/** One call of an ATS that is known by its key. */
export type RestWork = (ats: Ats, request: Request, response: Response, seen: Seen) => unknown;

/**
 * Does one call. A refusal that is thrown on the way is logged and answered.
 *
 * @param envelope what the log says of it before it is read.
 */
export function handleCall(
  { registry, acceptor }: IngressParts,
  envelope: (request: Request) => unknown,
  work: RestWork,
) {
  return async (request: Request, response: Response): Promise<void> => {
    const seen: Seen = { record: recordRequest(request), envelope: envelope(request) };
    let ats: Ats | null = null;
    try {
      ats = identifyAts(registry, request);
      await work(ats, request, response, seen);
    } catch (thrown) {
      if (!(thrown instanceof RestRefusal)) throw thrown;
      const { error, reason: message } = thrown;
      await acceptor.refuse({
        request: seen.record,
        error,
        reason: { code: error.code, message },
        atsId: ats?.id ?? null,
        envelope: seen.envelope,
      });
      answerError(response, acceptor.say(error), error.status === 413 ? { Connection: 'close' } : undefined);
    }
  };
}

/** What the log keeps of a request whose body is not read yet. */
export function recordRequest(request: Request): RequestRecord {
  return {
    ...recordBare({ method: request.method, url: request.originalUrl, headers: request.headers }),
    headers: loggedHeaders(request),
  };
}

/**
 * Reads the raw body into `record`.
 *
 * @returns whether it came whole, or why not.
 * @throws RestRefusal (413)
 */
export async function readRawBody(
  request: IncomingMessage,
  record: RequestRecord,
): Promise<'whole' | 'cut_off' | IncompleteBody> {
  const raw = await readBody(request, MAX_BODY_BYTES);
  if (!raw.ok && raw.reason !== 'incomplete') {
    if (raw.reason === 'too_large') throw new RestRefusal('body_too_large');
    return 'cut_off';
  }
  record.body = raw.body;
  return raw.ok ? 'whole' : { status: raw.status, message: raw.message };
}

/** @throws RestRefusal (422) when the body is not JSON. */
export function parseBody(record: RequestRecord): unknown {
  const parsed = parseJson(record.body, 'exact', MAX_JSON_DEPTH);
  if (!parsed.ok) throw new RestRefusal('validation', [parsed.problem]);
  // A number alone: what keeps its digits would pass for an object.
  return isLosslessNumber(parsed.value) ? Number(parsed.value) : parsed.value;
}

/** What is wrong with the id in the path (contract: identifiers have 1 to 255 characters, no control characters). */
export function checkPathId(request: Request): Problem[] {
  return Object.entries(request.params).flatMap(([name, id]) => {
    const checked = checkValue(Id, id, 'path');
    return checked.ok ? [] : checked.problems.map((one) => ({ ...one, loc: ['path', name] }));
  });
}
