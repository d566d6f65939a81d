import * as z from 'zod';
import { Application, Candidate, Id, Member, Vacancy } from '../entities.ts';
import { OUTGOING_EVENTS, type OutgoingEventName } from '../event-names.ts';
import { INCOMING_SCHEMAS } from '../incoming.ts';
import { OUTGOING_SCHEMAS } from '../outgoing.ts';
import { CAUSATION_HEADER, EVENT_HEADER, TEST_HEADER } from '../outgoing-headers.ts';
import { Accepted, API_KEY_HEADER, COLLECTIONS, Upload, WorkspaceCreate } from '../rest.ts';
import { outgoingSample } from '../samples.ts';
import { buildDocument, componentSchemas, type Json, pascal, ref, unionBy } from './document.ts';
import { gatewayOperations } from './gateway-operations.ts';
import { header } from './gateway-parts.ts';

/** Everything that an ATS can call, and what it is called with (contract, sections 3 to 5). */

const incomingNames = Object.keys(INCOMING_SCHEMAS) as (keyof typeof INCOMING_SCHEMAS)[];

/** Answers whose form only the emulator's REST API has. */
const StoredWorkspace = z.object({
  client_id: Id,
  name: z.string(),
  status: z.enum(['provisioning', 'provisioned']),
  created_at: z.iso.datetime(),
});
const StoredMember = z.object({ user_id: Id, name: z.string(), email: z.string() });
const pageOf = (item: z.ZodType) => z.object({ items: z.array(item), next_cursor: z.string().nullable() });

/** The document at `/openapi.json`. */
export function gatewayDocument(): Json {
  return buildDocument({
    title: 'CarvOS integration gateway',
    description:
      'The CarvOS gateway as carvos emulates it: everything that an ATS can call, and the webhooks that it gets. ' +
      'What is an assumption, because the public documentation does not say it, is named in `x-carvos-assumptions`; ' +
      'docs/fidelity.md explains each.',
    servers: [
      { url: '/', description: 'this emulator' },
      { url: 'https://api.carvos.io', description: 'production' },
    ],
    tags: {
      webhooks: 'Events that the ATS sends, signed.',
      candidates: 'Candidates, by REST.',
      vacancies: 'Vacancies, by REST.',
      applications: 'Applications, by REST.',
      workspaces: 'Workspaces and their members.',
      uploads: 'Files, to be referenced once.',
      outgoing: 'Events that CarvOS sends to the webhook URL of the ATS, signed.',
    },
    schemas: gatewaySchemas(),
    securitySchemes: {
      ApiKey: { type: 'apiKey', in: 'header', name: API_KEY_HEADER },
      IncomingSignature: {
        type: 'apiKey',
        in: 'header',
        name: 'X-Webhook-Signature',
        description:
          '`t={Unix seconds},v1={hex}`: HMAC-SHA256 with the incoming secret over `{t}.` and the raw body.',
      },
      OutgoingSignature: {
        type: 'apiKey',
        in: 'header',
        name: 'X-Webhook-Signature',
        description: 'The same, made by CarvOS with the outgoing secret. Verify it over the raw body.',
      },
    },
    operations: gatewayOperations(),
    webhooks: outgoingWebhooks(),
  });
}

function gatewaySchemas(): Json {
  const named: Record<string, z.ZodType> = {
    Id,
    Candidate,
    Vacancy,
    Application,
    Accepted,
    WorkspaceCreate,
    MemberCreate: Member,
    Workspace: StoredWorkspace,
    Member: StoredMember,
    MemberPage: pageOf(StoredMember),
    Upload,
  };
  for (const { kind, create, patch } of Object.values(COLLECTIONS)) {
    named[`${pascal(kind)}Patch`] = patch;
    named[`${pascal(kind)}Page`] = pageOf(create);
  }
  for (const event of incomingNames) named[`Incoming${pascal(event)}`] = INCOMING_SCHEMAS[event];
  for (const event of OUTGOING_EVENTS) named[`Outgoing${pascal(event)}`] = OUTGOING_SCHEMAS[event];
  const union = unionBy(
    'event',
    Object.fromEntries(incomingNames.map((name) => [name, `Incoming${pascal(name)}`])),
  );
  return { ...componentSchemas(named), IncomingEvent: union };
}

/** What reaches the webhook URL: one entry per event. */
function outgoingWebhooks(): Json {
  return Object.fromEntries(OUTGOING_EVENTS.map((event) => [event, { post: outgoingWebhook(event) }]));
}

function outgoingWebhook(event: OutgoingEventName): Json {
  return {
    operationId: `on${pascal(event)}`,
    tags: ['outgoing'],
    summary: `CarvOS sends ${event}`,
    description:
      'Answer 2xx within 5 seconds, the whole answer included. Anything else is tried again after 1 minute, ' +
      '5 minutes, 30 minutes and 2 hours. The same `event_id` may come more than once.',
    security: [{ OutgoingSignature: [] }],
    parameters: [
      header(CAUSATION_HEADER, true, 'The `reference_id` of the request that caused it.'),
      header(EVENT_HEADER, true, 'The event.'),
      header(TEST_HEADER, false, '`true` on test events; absent otherwise.'),
    ],
    requestBody: {
      required: true,
      content: {
        'application/json': { schema: ref(`Outgoing${pascal(event)}`), example: outgoingSample(event) },
      },
    },
    responses: {
      '2XX': { description: 'Received. The body does not count.' },
      '4XX': { description: 'Not accepted: it is sent again.' },
    },
  };
}
