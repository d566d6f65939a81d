import type { Request, Router } from 'express';
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
import { expressPath } from '../http/express-path.ts';
import { answerIntake } from './answer-intake.ts';
import type { RestParts } from './parts.ts';
import {
  checkPathId,
  type Headers,
  handleCall,
  parseBody,
  RestRefusal,
  type RestWork,
  readHeaders,
  readRawBody,
} from './rest-request.ts';
import { logRefusal } from './unmatched.ts';

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
export function addWriteRoutes(router: Router, parts: RestParts): void {
  const add = (write: Write) => {
    const { method, path } = REST_WRITES[write.event];
    const envelope = () => ({ event: write.event });
    router[method](expressPath(path), handleCall(parts, envelope, receive(parts, write)));
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

function receive(parts: RestParts, write: Write): RestWork {
  return async (ats, request, response, seen) => {
    const { record } = seen;
    const read = await readRawBody(request, record);
    if (read === 'cut_off') return;
    if (read !== 'whole') {
      const incomplete = { record, atsId: ats.id, code: 'body_incomplete', ...read };
      return logRefusal(parts.acceptor, response, incomplete);
    }
    const headers = readHeaders(request, write.needs);
    const clientId = (request.params.client_id as string | undefined) ?? headers.clientId;
    const envelope = { event: write.event, client_id: clientId, event_id: headers.eventId };
    seen.envelope = envelope;
    const body = write.bodyless && record.body.length === 0 ? {} : parts.acceptor.read(parseBody(record));
    const problems = [
      ...headers.problems,
      ...checkPathId(request),
      ...checkBody(write, headers, request, body),
    ];
    if (problems.length > 0) throw new RestRefusal('validation', problems);

    const fields = body as Fields;
    const targetId = write.targetId?.(request);
    const event = {
      ...envelope,
      ...write.sender(headers, request, fields),
      payload: restPayload(write.event, fields, targetId ?? null),
    } as EnvelopedEvent;
    await answerIntake(parts, { ats, via: 'rest', event, targetId, request: record }, response);
  };
}

function checkBody(write: Write, headers: Headers, request: Request, body: unknown): Problem[] {
  const checked = checkValue(write.schema, body);
  if (!checked.ok) return checked.problems;
  const fields = body as Fields;
  return findContradictions(fields, {
    event: { by: 'the call', value: write.event },
    // A body may name what no header does: then it is a field like any other.
    event_id:
      headers.eventId === null ? null : { by: `the header ${IDEMPOTENCY_HEADER}`, value: headers.eventId },
    ...write.said?.(headers, request, fields),
  });
}
