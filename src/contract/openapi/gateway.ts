import * as z from 'zod';
import { Application, Candidate, Id, Vacancy } from '../entities.ts';
import { OUTGOING_EVENTS, type OutgoingEventName } from '../event-names.ts';
import { INCOMING_SCHEMAS } from '../incoming.ts';
import { OUTGOING_SCHEMAS } from '../outgoing.ts';
import { CAUSATION_HEADER, EVENT_HEADER, TEST_HEADER } from '../outgoing-headers.ts';
import {
  Accepted,
  API_KEY_HEADER,
  CLIENT_HEADER,
  COLLECTIONS,
  type CollectionName,
  IDEMPOTENCY_HEADER,
  MemberCreate,
  PageQuery,
  Upload,
  USER_HEADER,
  WorkspaceCreate,
} from '../rest.ts';
import { incomingSample, outgoingSample } from '../samples.ts';
import {
  buildDocument,
  componentSchemas,
  type Json,
  type Operation,
  pascal,
  queryParameters,
  ref,
  unionBy,
} from './document.ts';

/** Everything that an ATS can call, and what it is called with (contract, sections 3 to 5). */

const ENVELOPE = new Set(['event', 'event_id', 'client_id', 'user_id']);
const REFERENCE = { reference_id: '0199a5d6-3f70-7c2a-8b11-5f1c2d3e4a5b' };
const ACCEPTED = {
  status: 202,
  description: 'Accepted and durable; the outcome follows as an outgoing webhook with this `reference_id`.',
  schema: 'Accepted',
  example: REFERENCE,
};
/** What any call may get when the gateway itself is in trouble. */
const TROUBLE = ['internal', 'storage_full', 'storage_unusable', 'shutting_down', 'replacing'] as const;
/** What a write may get when somebody asked for that fault. */
const FAULTS = ['too_many_requests', 'unavailable'] as const;

const header = (name: string, required: boolean, description: string): Json => ({
  name,
  in: 'header',
  required,
  description,
  schema: { type: 'string', ...(required ? { minLength: 1, maxLength: 255 } : {}) },
});
const CLIENT = header(CLIENT_HEADER, true, 'The client (workspace) that the call is about.');
const USER = header(USER_HEADER, true, 'The user (member) who acts.');
const IDEMPOTENCY = header(
  IDEMPOTENCY_HEADER,
  false,
  'The same request sent again with the same key is answered with the first `reference_id`.',
);

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
    MemberCreate,
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

/** One row per call. */
export function gatewayOperations(): Operation[] {
  return [
    receiveWebhook,
    ...(Object.keys(COLLECTIONS) as CollectionName[]).flatMap(collectionOperations),
    ...workspaceOperations,
    uploadFile,
  ];
}

const receiveWebhook: Operation = {
  method: 'post',
  path: '/v1/webhooks/{ats_id}',
  operationId: 'sendEvent',
  tag: 'webhooks',
  summary: 'Send an event',
  description:
    'The body is flat; `event` says which fields it has. Sign exactly the bytes that are sent. An `event_id` sent again ' +
    'with the same bytes gets the first `reference_id` and is not processed again.',
  security: ['IncomingSignature'],
  request: {
    schema: 'IncomingEvent',
    examples: Object.fromEntries(incomingNames.map((name) => [name, { value: incomingSample(name) }])),
  },
  answer: ACCEPTED,
  errors: [
    'invalid_signature',
    'unknown_ats',
    'workspace_not_found',
    'method_not_allowed',
    'event_id_conflict',
    'workspace_exists',
    'workspace_provisioning',
    'body_too_large',
    'validation',
    ...FAULTS,
    ...TROUBLE,
  ],
  assumes: ['answer-401-signature', 'answer-404-unknown-ats', 'answer-422-form', 'answer-409'],
};

const ENTITY_ERRORS = [
  'bad_request',
  'invalid_api_key',
  'workspace_not_found',
  'method_not_allowed',
  'workspace_provisioning',
  'validation',
  ...TROUBLE,
] as const;
const WRITE_ERRORS = [...ENTITY_ERRORS, 'idempotency_key_conflict', 'body_too_large', ...FAULTS] as const;

function collectionOperations(name: CollectionName): Operation[] {
  const { kind } = COLLECTIONS[name];
  const schema = pascal(kind);
  const entity = entityOf(incomingSample(`${kind}.created`));
  const { [`${kind}_id`]: _id, ...patch } = entityOf(incomingSample(`${kind}.updated`));
  const common = { tag: name, security: ['ApiKey'] };
  const tenant = [CLIENT, USER];
  return [
    {
      ...common,
      method: 'post',
      path: `/v1/${name}`,
      operationId: `create${schema}`,
      summary: `Create a ${kind}`,
      description: `Works as the webhook \`${kind}.created\` does.`,
      parameters: [...tenant, IDEMPOTENCY],
      request: { schema, example: entity },
      answer: ACCEPTED,
      errors: [...WRITE_ERRORS],
      assumes:
        kind === 'candidate'
          ? ['entity-fields', 'cv-field', 'extra-fields-kept']
          : ['rest-vacancy-application-fields', 'entity-fields', 'extra-fields-kept'],
    },
    {
      ...common,
      method: 'get',
      path: `/v1/${name}`,
      operationId: `list${pascal(name)}`,
      summary: `List ${name}`,
      parameters: [...tenant, ...queryParameters(PageQuery)],
      answer: {
        status: 200,
        description: 'One page, in order of the ids; `next_cursor` is null on the last.',
        schema: `${schema}Page`,
        example: { items: [entity], next_cursor: null },
      },
      errors: [...ENTITY_ERRORS],
      assumes: ['rest-reads'],
    },
    {
      ...common,
      method: 'get',
      path: `/v1/${name}/{id}`,
      operationId: `get${schema}`,
      summary: `Read a ${kind}`,
      parameters: tenant,
      answer: { status: 200, description: `The ${kind} as it is stored.`, schema, example: entity },
      errors: [...ENTITY_ERRORS, 'entity_not_found'],
      assumes: ['rest-reads'],
    },
    {
      ...common,
      method: 'patch',
      path: `/v1/${name}/{id}`,
      operationId: `update${schema}`,
      summary: `Change a ${kind}`,
      description: 'A JSON merge patch (RFC 7396): what is not named stays, `null` removes.',
      parameters: [...tenant, IDEMPOTENCY],
      request: { schema: `${schema}Patch`, example: patch },
      answer: ACCEPTED,
      errors: [...WRITE_ERRORS],
      assumes: ['rest-patch-delete', 'missing-reference-fails'],
    },
    {
      ...common,
      method: 'delete',
      path: `/v1/${name}/{id}`,
      operationId: `delete${schema}`,
      summary: `Delete a ${kind}`,
      parameters: [...tenant, IDEMPOTENCY],
      answer: ACCEPTED,
      errors: [...WRITE_ERRORS],
      assumes: ['rest-patch-delete', 'missing-reference-fails'],
    },
  ];
}

const workspaceSample = entityOf(incomingSample('workspace.created'));
const memberSample = (() => {
  const { member_user_id, ...rest } = entityOf(incomingSample('workspace.member_added'));
  return { user_id: member_user_id, ...rest };
})();
const clientId = incomingSample('workspace.created').client_id;

const workspaceOperations: Operation[] = [
  {
    method: 'post',
    path: '/v1/workspaces',
    operationId: 'createWorkspace',
    tag: 'workspaces',
    summary: 'Create a workspace',
    description: 'Wait for `workspace.provisioned` before anything else is sent for this client.',
    security: ['ApiKey'],
    parameters: [IDEMPOTENCY],
    request: { schema: 'WorkspaceCreate', example: { client_id: clientId, ...workspaceSample } },
    answer: ACCEPTED,
    errors: [...WRITE_ERRORS.filter((code) => code !== 'workspace_not_found'), 'workspace_exists'],
    assumes: ['workspace-admin-member-id', 'answer-409'],
  },
  {
    method: 'post',
    path: '/v1/workspaces/{client_id}/members',
    operationId: 'addMember',
    tag: 'workspaces',
    summary: 'Add a member',
    security: ['ApiKey'],
    parameters: [IDEMPOTENCY],
    request: { schema: 'MemberCreate', example: memberSample },
    answer: ACCEPTED,
    errors: [...WRITE_ERRORS],
  },
  {
    method: 'get',
    path: '/v1/workspaces/{client_id}',
    operationId: 'getWorkspace',
    tag: 'workspaces',
    summary: 'Read a workspace',
    security: ['ApiKey'],
    answer: {
      status: 200,
      description: 'The workspace, also while it is provisioning.',
      schema: 'Workspace',
    },
    errors: ['invalid_api_key', 'workspace_not_found', 'method_not_allowed', ...TROUBLE],
    assumes: ['workspace-reads'],
  },
  {
    method: 'get',
    path: '/v1/workspaces/{client_id}/members',
    operationId: 'listMembers',
    tag: 'workspaces',
    summary: 'List the members of a workspace',
    security: ['ApiKey'],
    answer: { status: 200, description: 'All members.', schema: 'MemberPage' },
    errors: ['invalid_api_key', 'workspace_not_found', 'method_not_allowed', ...TROUBLE],
    assumes: ['workspace-reads'],
  },
];

const uploadFile: Operation = {
  method: 'post',
  path: '/uploads',
  operationId: 'uploadFile',
  tag: 'uploads',
  summary: 'Upload a CV',
  description:
    'PDF, DOC or DOCX, recognized by its first bytes, at most 10 MiB. The `carv_file_id` can be referenced in exactly one ' +
    'webhook or write; a file that nothing references expires.',
  security: ['ApiKey'],
  parameters: [CLIENT],
  request: {
    content: {
      'multipart/form-data': {
        schema: {
          type: 'object',
          required: ['file'],
          properties: { file: { type: 'string', contentMediaType: 'application/octet-stream' } },
        },
      },
    },
  },
  answer: {
    status: 200,
    description: 'Stored.',
    schema: 'Upload',
    example: {
      carv_file_id: '7c2a5f88-6a0c-4d58-9a1c-8f3d2b1e4c55',
      file_name: 'resume.pdf',
      content_type: 'application/pdf',
      file_size: 29167,
      uploaded_at: '2026-01-15T10:28:00Z',
      expires_at: '2026-01-18T10:28:00Z',
    },
  },
  errors: [
    'invalid_api_key',
    'workspace_not_found',
    'method_not_allowed',
    'workspace_provisioning',
    'file_too_large',
    'unsupported_media_type',
    'validation',
    ...TROUBLE,
  ],
  assumes: ['upload-limits', 'upload-reference-errors', 'upload-expiry', 'cv-field'],
};

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

/** A sample event without its envelope. */
function entityOf(event: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(event).filter(([key]) => !ENVELOPE.has(key)));
}
