import { INCOMING_EVENTS } from '../event-names.ts';
import { payloadOf } from '../incoming.ts';
import { COLLECTIONS, type CollectionName, PageQuery, REST_READS, type RestRead } from '../rest.ts';
import { REST_WRITES } from '../rest-writes.ts';
import { incomingSample } from '../samples.ts';
import { type Operation, pascal, queryParameters } from './document.ts';
import {
  ACCEPTED,
  CLIENT,
  ENTITY_ERRORS,
  FAULTS,
  IDEMPOTENCY,
  TROUBLE,
  USER,
  WRITE_ERRORS,
} from './gateway-parts.ts';

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
    examples: Object.fromEntries(INCOMING_EVENTS.map((name) => [name, { value: incomingSample(name) }])),
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

function collectionOperations(name: CollectionName): Operation[] {
  const { kind } = COLLECTIONS[name];
  const schema = pascal(kind);
  const entity = payloadOf(incomingSample(`${kind}.created`));
  const { [`${kind}_id`]: _id, ...patch } = payloadOf(incomingSample(`${kind}.updated`));
  const common = { tag: name, security: ['ApiKey'] };
  const tenant = [CLIENT, USER];
  return [
    {
      ...common,
      ...REST_WRITES[`${kind}.created`],
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
    ...REST_READS.filter((read) => read.collection === name).map(readOperation),
    {
      ...common,
      ...REST_WRITES[`${kind}.updated`],
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
      ...REST_WRITES[`${kind}.deleted`],
      operationId: `delete${schema}`,
      summary: `Delete a ${kind}`,
      parameters: [...tenant, IDEMPOTENCY],
      answer: ACCEPTED,
      errors: [...WRITE_ERRORS],
      assumes: ['rest-patch-delete', 'missing-reference-fails'],
    },
  ];
}

const workspaceSample = payloadOf(incomingSample('workspace.created'));
const memberSample = (() => {
  const { member_user_id, ...rest } = payloadOf(incomingSample('workspace.member_added'));
  return { user_id: member_user_id, ...rest };
})();
const clientId = incomingSample('workspace.created').client_id;

/** One row of the table of reads; what is special about each kind of answer. */
function readOperation({ path, answers, collection, assumes }: RestRead): Operation {
  const common = { method: 'get' as const, path, security: ['ApiKey'], assumes: [assumes] };
  if (collection === null)
    return {
      ...common,
      tag: 'workspaces',
      ...(answers === 'workspace'
        ? {
            operationId: 'getWorkspace',
            summary: 'Read a workspace',
            answer: {
              status: 200,
              description: 'The workspace, also while it is provisioning.',
              schema: 'Workspace',
            },
          }
        : {
            operationId: 'listMembers',
            summary: 'List the members of a workspace',
            answer: { status: 200, description: 'All members.', schema: 'MemberPage' },
          }),
      errors: ['invalid_api_key', 'workspace_not_found', 'method_not_allowed', ...TROUBLE],
    };
  const { kind } = COLLECTIONS[collection];
  const schema = pascal(kind);
  const entity = payloadOf(incomingSample(`${kind}.created`));
  const tenant = [CLIENT, USER];
  if (answers === 'page')
    return {
      ...common,
      tag: collection,
      operationId: `list${pascal(collection)}`,
      summary: `List ${collection}`,
      parameters: [...tenant, ...queryParameters(PageQuery)],
      answer: {
        status: 200,
        description: 'One page, in order of the ids; `next_cursor` is null on the last.',
        schema: `${schema}Page`,
        example: { items: [entity], next_cursor: null },
      },
      errors: [...ENTITY_ERRORS],
    };
  return {
    ...common,
    tag: collection,
    operationId: `get${schema}`,
    summary: `Read a ${kind}`,
    parameters: tenant,
    answer: { status: 200, description: `The ${kind} as it is stored.`, schema, example: entity },
    errors: [...ENTITY_ERRORS, 'entity_not_found'],
  };
}

const workspaceOperations: Operation[] = [
  {
    ...REST_WRITES['workspace.created'],
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
    ...REST_WRITES['workspace.member_added'],
    operationId: 'addMember',
    tag: 'workspaces',
    summary: 'Add a member',
    security: ['ApiKey'],
    parameters: [IDEMPOTENCY],
    request: { schema: 'MemberCreate', example: memberSample },
    answer: ACCEPTED,
    errors: [...WRITE_ERRORS],
  },
  ...REST_READS.filter((read) => read.collection === null).map(readOperation),
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
