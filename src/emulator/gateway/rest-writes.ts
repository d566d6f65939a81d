import type { Request, Response, Router } from 'express';
import type * as z from 'zod';
import type { IncomingEventName } from '../../contract/event-names.ts';
import type { IncomingEvent } from '../../contract/incoming.ts';
import { checkValue, type Problem } from '../../contract/problems.ts';
import { COLLECTIONS, MemberCreate, WorkspaceCreate } from '../../contract/rest.ts';
import type { Acceptor, RequestRecord } from '../accept.ts';
import type { Ats, AtsRegistry } from '../ats-registry.ts';
import { answerError } from './answer.ts';
import { answerIntake, type IntakeParts } from './answer-intake.ts';
import {
  type Headers,
  identifyAts,
  parseBody,
  RestRefusal,
  readHeaders,
  readRawBody,
  recordRequest,
} from './rest-request.ts';

export interface WriteParts extends IntakeParts {
  registry: AtsRegistry;
}

/** What tells one write from another. */
interface Write {
  event: IncomingEventName;
  /** `null` where there is no body to check. */
  schema: z.ZodType | null;
  needs: { client: boolean; user: boolean };
  /** The event, from a body that holds. */
  toEvent(body: Record<string, unknown>, headers: Headers, request: Request): Record<string, unknown>;
  /** The id in the path. */
  targetId?(request: Request): string;
}

const ENTITY_NEEDS = { client: true, user: true };
const NO_NEEDS = { client: false, user: false };

/** Every REST write (contract, section 4). Each goes through the same `accept` as a webhook. */
export function addWriteRoutes(router: Router, parts: WriteParts): void {
  for (const [name, { kind, create, patch }] of Object.entries(COLLECTIONS)) {
    const idField = `${kind}_id`;
    const targetId = (request: Request) => String(request.params.id);
    const withId = (body: Record<string, unknown>, _headers: Headers, request: Request) => ({
      ...body,
      [idField]: targetId(request),
    });
    router.post(
      `/v1/${name}`,
      handle(parts, {
        event: `${kind}.created`,
        schema: create,
        needs: ENTITY_NEEDS,
        toEvent: (body) => body,
      }),
    );
    router.patch(
      `/v1/${name}/:id`,
      handle(parts, {
        event: `${kind}.updated`,
        schema: patch,
        needs: ENTITY_NEEDS,
        toEvent: withId,
        targetId,
      }),
    );
    router.delete(
      `/v1/${name}/:id`,
      handle(parts, {
        event: `${kind}.deleted`,
        schema: null,
        needs: ENTITY_NEEDS,
        toEvent: withId,
        targetId,
      }),
    );
  }
  router.post(
    '/v1/workspaces',
    handle(parts, {
      event: 'workspace.created',
      schema: WorkspaceCreate,
      needs: NO_NEEDS,
      // REST names no user: the admin is known by the e-mail address (contract, section 3).
      toEvent: (body, headers) => ({ ...body, user_id: headers.userId || body.admin_email }),
    }),
  );
  router.post(
    '/v1/workspaces/:client_id/members',
    handle(parts, {
      event: 'workspace.member_added',
      schema: MemberCreate,
      needs: NO_NEEDS,
      toEvent: (body, headers, request) => ({
        ...body,
        client_id: request.params.client_id,
        member_user_id: body.user_id,
        user_id: headers.userId,
      }),
    }),
  );
}

function handle(parts: WriteParts, write: Write) {
  return async (request: Request, response: Response): Promise<void> => {
    const record = recordRequest(request);
    let ats: Ats | null = null;
    let body: unknown;
    try {
      ats = identifyAts(parts.registry, request);
      if (!(await readRawBody(request, record))) return;
      const headers = readHeaders(request, write.needs);
      body = write.schema === null ? {} : parseBody(record);
      const problems = [...headers.problems, ...checkBody(write, request, body)];
      if (problems.length > 0) throw new RestRefusal('validation', problems);

      const fields = write.toEvent(body as Record<string, unknown>, headers, request);
      const intake = {
        ats,
        via: 'rest' as const,
        event: {
          client_id: headers.clientId,
          user_id: headers.userId,
          ...fields,
          event: write.event,
          event_id: headers.eventId ?? identityOf(write, fields),
        } as unknown as IncomingEvent,
        eventId: headers.eventId,
        targetId: write.targetId?.(request),
        request: record,
      };
      await answerIntake(parts, intake, response);
    } catch (error) {
      if (!(error instanceof RestRefusal)) throw error;
      await logRefusal(parts.acceptor, record, error, ats, write, body);
      answerError(response, error.error, error.error.status === 413 ? { Connection: 'close' } : undefined);
    }
  };
}

/** What stands for an `event_id` where none was given, so that faults strike the same request again. */
function identityOf(write: Write, fields: Record<string, unknown>): string {
  const kind = write.event.split('.')[0];
  return `${write.event}:${String(fields[`${kind}_id`] ?? fields.member_user_id ?? fields.client_id)}`;
}

function checkBody(write: Write, request: Request, body: unknown): Problem[] {
  if (write.schema === null) return [];
  const checked = checkValue(write.schema, body);
  if (!checked.ok) return checked.problems;
  const target = write.targetId?.(request);
  const field = `${write.event.split('.')[0]}_id`;
  const named = (body as Record<string, unknown>)[field];
  if (target === undefined || named === undefined || named === target) return [];
  const msg = `Value error, the path says ${target}`;
  return [{ type: 'value_error', loc: ['body', field], msg, input: named }];
}

function logRefusal(
  acceptor: Acceptor,
  request: RequestRecord,
  refusal: RestRefusal,
  ats: Ats | null,
  write: Write,
  body: unknown,
): Promise<void> {
  const { error } = refusal;
  return acceptor.refuse({
    request,
    error,
    reason: { code: error.code, message: refusal.reason },
    atsId: ats?.id ?? null,
    body:
      typeof body === 'object' && body !== null ? { ...body, event: write.event } : { event: write.event },
  });
}
