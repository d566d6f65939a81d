import type { Request, Response, Router } from 'express';
import type * as z from 'zod';
import { Member } from '../../contract/entities.ts';
import type { IncomingEventName } from '../../contract/event-names.ts';
import type { EnvelopedEvent } from '../../contract/incoming.ts';
import { checkValue, findContradictions, type Problem } from '../../contract/problems.ts';
import {
  CLIENT_HEADER,
  COLLECTIONS,
  DeleteBody,
  IDEMPOTENCY_HEADER,
  restPayload,
  USER_HEADER,
  WorkspaceCreate,
} from '../../contract/rest.ts';
import { REST_WRITES } from '../../contract/rest-writes.ts';
import type { Ats, AtsRegistry } from '../ats/registry.ts';
import { expressPath } from '../http/express-path.ts';
import { answerIntake, type IntakeParts } from './answer-intake.ts';
import {
  answerRefusal,
  checkPathId,
  type Headers,
  identifyAts,
  parseBody,
  RestRefusal,
  readHeaders,
  readRawBody,
  recordRequest,
} from './rest-request.ts';
import { logRefusal } from './unmatched.ts';

export interface WriteParts extends IntakeParts {
  registry: AtsRegistry;
}

/** What tells one write from another. */
interface Write {
  event: IncomingEventName;
  schema: z.ZodType;
  /** Whether it can do without a body. */
  bodyless?: true;
  needs: { client: boolean; user: boolean };
  /** Who writes. */
  sender(headers: Headers, request: Request, body: Fields): { client_id: string; user_id: string };
  /** What the body may say, but not otherwise; besides what every body may. */
  said?(headers: Headers, request: Request, body: Fields): Parameters<typeof findContradictions>[1];
  /** The id in the path that the payload is about. */
  targetId?(request: Request): string;
}

type Fields = Record<string, unknown>;

const ENTITY = {
  needs: { client: true, user: true },
  sender: ({ clientId, userId }: Headers) => ({ client_id: clientId, user_id: userId }),
};
const WORKSPACE = { needs: { client: false, user: false } };

/** Every REST write (contract, section 4). Each goes through the same `accept` as a webhook. */
export function addWriteRoutes(router: Router, parts: WriteParts): void {
  const add = (write: Write) => {
    const { method, path } = REST_WRITES[write.event];
    router[method](expressPath(path), handle(parts, write));
  };
  for (const { kind, create, patch } of Object.values(COLLECTIONS)) {
    const targetId = (request: Request) => String(request.params.id);
    const sameSender: Write['said'] = ({ clientId, userId }) => ({
      client_id: { by: `the header ${CLIENT_HEADER}`, value: clientId },
      user_id: { by: `the header ${USER_HEADER}`, value: userId },
    });
    const one: Pick<Write, 'needs' | 'sender' | 'said' | 'targetId'> = {
      ...ENTITY,
      targetId,
      said: (headers, request, body) => ({
        ...sameSender(headers, request, body),
        [`${kind}_id`]: { by: 'the path', value: targetId(request) },
      }),
    };
    add({ ...ENTITY, event: `${kind}.created`, schema: create, said: sameSender });
    add({ ...one, event: `${kind}.updated`, schema: patch });
    add({ ...one, event: `${kind}.deleted`, schema: DeleteBody, bodyless: true });
  }
  add({
    ...WORKSPACE,
    event: 'workspace.created',
    schema: WorkspaceCreate,
    // REST names no user: the admin is known by the e-mail address (contract, section 3).
    sender: ({ userId }, _request, body) => ({
      client_id: String(body.client_id),
      user_id: userId || String(body.admin_email),
    }),
  });
  add({
    ...WORKSPACE,
    event: 'workspace.member_added',
    schema: Member,
    sender: ({ userId }, request) => ({ client_id: String(request.params.client_id), user_id: userId }),
    said: (_headers, request, body) => ({
      client_id: { by: 'the path', value: request.params.client_id },
      member_user_id: { by: 'user_id', value: body.user_id },
    }),
  });
}

function handle(parts: WriteParts, write: Write) {
  return async (request: Request, response: Response): Promise<void> => {
    const record = recordRequest(request);
    let ats: Ats | null = null;
    let envelope: Partial<Omit<EnvelopedEvent, 'payload'>> = { event: write.event };
    try {
      ats = identifyAts(parts.registry, request);
      const read = await readRawBody(request, record);
      if (read === 'cut_off') return;
      if (read !== 'whole') {
        const incomplete = { record, atsId: ats.id, code: 'body_incomplete', ...read };
        return await logRefusal(parts.acceptor, response, incomplete);
      }
      const headers = readHeaders(request, write.needs);
      const inPath = request.params.client_id as string | undefined;
      envelope = { ...envelope, client_id: inPath ?? headers.clientId, event_id: headers.eventId };
      const body = write.bodyless && record.body.length === 0 ? {} : parts.acceptor.read(parseBody(record));
      const problems = [
        ...headers.problems,
        ...checkPathId(request),
        ...checkBody(write, headers, request, body),
      ];
      if (problems.length > 0) throw new RestRefusal('validation', problems);

      const fields = body as Fields;
      envelope = { ...envelope, ...write.sender(headers, request, fields) };
      const targetId = write.targetId?.(request);
      const event = {
        ...envelope,
        payload: restPayload(write.event, fields, targetId ?? null),
      } as EnvelopedEvent;
      await answerIntake(parts, { ats, via: 'rest', event, targetId, request: record }, response);
    } catch (error) {
      await answerRefusal(parts.acceptor, response, error, { record, ats, envelope });
    }
  };
}

function checkBody(write: Write, headers: Headers, request: Request, body: unknown): Problem[] {
  const checked = checkValue(write.schema, body);
  if (!checked.ok) return checked.problems;
  const fields = body as Fields;
  const problems = findContradictions(fields, {
    event: { by: 'the call', value: write.event },
    // A body may name what no header does: then it is a field like any other.
    event_id:
      headers.eventId === null ? null : { by: `the header ${IDEMPOTENCY_HEADER}`, value: headers.eventId },
    ...write.said?.(headers, request, fields),
  });
  return problems;
}
