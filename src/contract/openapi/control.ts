import * as z from 'zod';
import { AI_PREFIX, AiAnswer, AiRequest } from '../ai.ts';
import {
  AssumptionList,
  AtsView,
  Belonging,
  ClockMove,
  ClockView,
  CONTROL_PREFIX,
  DeliveriesRequest,
  Delivery,
  DeliveryDetail,
  FeedEntry,
  JobQuery,
  ListedJob,
  LogPage,
  LogQuery,
  LogRecord,
  LogRecordDetail,
  OUTPUT_VERSION,
  page,
  ReplayManyRequest,
  ReplayManyResult,
  ReplayRequest,
  SNAPSHOT_TYPE,
  StatusView,
  Trace,
  WaitResult,
  WorkspaceView,
} from '../control.ts';
import {
  AdvanceRequest,
  AssumptionsQuery,
  BodyQuery,
  DiagnosisQuery,
  MemberRequest,
  SnapshotQuery,
  SpeedRequest,
  WaitQuery,
  WorkspaceRequest,
} from '../control-requests.ts';
import {
  AtsAdded,
  AtsRequest,
  DeliveryWaitQuery,
  DeliveryWaitResult,
  OutgoingView,
} from '../delivery-wait.ts';
import { DiagnosisView } from '../diagnosis.ts';
import type { GatewayErrorCode } from '../errors.ts';
import { FaultList, FaultRule, FaultView } from '../fault-rule.ts';
import { MeetingRequest, MeetingView } from '../meeting.ts';
import {
  AtsChange,
  AuditEntry,
  AuditQuery,
  RotateRequest,
  RotateResult,
  TestEventRequest,
  TestEventResult,
} from '../portal.ts';
import {
  buildDocument,
  componentSchemas,
  type Json,
  type Method,
  type Operation,
  pascal,
  queryParameters,
  ref,
  unionBy,
} from './document.ts';

/** The control API: what a test in any language can read and change. */

const VERSIONED = z.object({ version: z.literal(OUTPUT_VERSION) });
const versioned = <S extends z.ZodRawShape>(shape: S) => VERSIONED.extend(shape);

const REQUESTS = {
  AiAnswer,
  SpeedRequest,
  AdvanceRequest,
  WorkspaceRequest,
  MemberRequest,
  AtsRequest,
  AtsChange,
  ReplayRequest,
  ReplayManyRequest,
  DeliveriesRequest,
  FaultRule,
  RotateRequest,
  TestEventRequest,
  MeetingRequest,
};
const ANSWERS = {
  AiRequest,
  ListedJob,
  JobPage: page(ListedJob),
  VersionedJob: versioned(ListedJob.shape),
  AiReceived: z.object({ status: z.literal('received') }),
  LogRecord,
  LogRecordDetail,
  Delivery,
  ClockView,
  AtsView,
  WorkspaceView,
  FaultView,
  Belonging,
  StatusView,
  LogPage: LogPage,
  DeliveryList: versioned({ items: z.array(Delivery) }),
  BelongingList: versioned({ items: z.array(Belonging) }),
  WorkspaceList: versioned({ items: z.array(WorkspaceView) }),
  WorkspaceAdded: versioned({ ats_id: z.string(), client_id: z.string() }),
  MemberAdded: versioned({
    ats_id: z.string(),
    client_id: z.string(),
    user_id: z.string(),
    name: z.string(),
    email: z.string(),
  }),
  VersionedLogRecordDetail: versioned(LogRecordDetail.shape),
  VersionedDeliveryDetail: versioned(DeliveryDetail.shape),
  VersionedAtsView: versioned(AtsView.shape),
  VersionedFaultView: versioned(FaultView.shape),
  VersionedWaitResult: versioned(WaitResult.shape),
  FaultList,
  FaultsCleared: versioned({ cleared: z.array(z.string()) }),
  Trace,
  ClockMove,
  ReplayManyResult,
  AssumptionList,
  Diagnosis: versioned({
    id: z.string(),
    direction: z.enum(['outbound', 'inbound']),
    diagnosis: DiagnosisView,
  }),
  OutgoingView,
  DeliveryWaitResult,
  AtsAdded,
  RotateResult,
  TestEventResult,
  MeetingView,
  AuditEntry,
  AuditPage: page(AuditEntry),
};
const FEED: Record<string, z.ZodType> = Object.fromEntries(
  FeedEntry.options.map((one) => [one.shape.type.value, one] as const),
);
const feedName = (type: string) => `Feed${pascal(type)}`;

/** The document at `/_carvos/v1/openapi.json`. */
export function controlDocument(): Json {
  return buildDocument({
    title: 'carvos control API',
    description:
      'Reads and changes a running carvos emulator. The CLI uses nothing else. Times ending in `_at` are ISO 8601 UTC by ' +
      'the wall clock; fields ending in `_ms` are milliseconds, in schedule time where the name says `schedule`.',
    servers: [{ url: '/', description: 'this emulator' }],
    tags: {
      status: 'Is it running, and what does it hold.',
      log: 'The delivery log, and what one request caused.',
      replay: 'Delivering again.',
      clock: 'The clock of the retry schedule.',
      portal: 'What an ATS engineer does in the portal.',
      jobs: 'Jobs at the AI, and what an AI service calls.',
      faults: 'Faults on purpose.',
      content: 'The whole state.',
    },
    schemas: {
      ...componentSchemas(REQUESTS, 'input'),
      ...componentSchemas(
        {
          ...ANSWERS,
          ...Object.fromEntries(Object.entries(FEED).map(([type, one]) => [feedName(type), one])),
        },
        'output',
      ),
      FeedEntry: unionBy('type', Object.fromEntries(Object.keys(FEED).map((type) => [type, feedName(type)]))),
      Health: {
        type: 'object',
        required: ['status'],
        properties: {
          status: { type: 'string', enum: ['ok', 'ready', 'stopping', 'replacing', 'unusable'] },
        },
      },
    },
    securitySchemes: {
      AiSignature: {
        type: 'apiKey',
        in: 'header',
        name: 'X-Webhook-Signature',
        description: 'As on webhooks, with the secret of the AI service.',
      },
      ControlToken: {
        type: 'http',
        scheme: 'bearer',
        description: 'Printed by `carvos env`, in `.carvos/emulator.json`, or set by CARVOS_CONTROL_TOKEN.',
      },
    },
    operations: controlOperations(),
    webhooks: { aiJob: { post: AI_JOB } },
  });
}

/** What an AI service of the user's gets. */
const AI_JOB: Json = {
  operationId: 'onAiJob',
  tags: ['jobs'],
  summary: 'A job, for an AI service',
  security: [{ AiSignature: [] }],
  requestBody: { required: true, content: { 'application/json': { schema: ref('AiRequest') } } },
  responses: {
    '200': { description: 'The answer.', content: { 'application/json': { schema: ref('AiAnswer') } } },
    '202': { description: 'The answer follows, POSTed to `callback_url`.' },
    '4XX': { description: 'The job fails; after a 429 it is asked again.' },
    '5XX': { description: 'It is asked again, and then fails.' },
  },
};

const GUARDED: GatewayErrorCode[] = [
  'unauthorized',
  'forbidden_host',
  'forbidden_origin',
  'internal',
  'storage_full',
  'storage_unusable',
];

interface Row extends Pick<Operation, 'operationId' | 'tag' | 'summary' | 'description' | 'parameters'> {
  method: Method;
  /** Below the prefix. */
  path: string;
  request?: Operation['request'];
  status?: number;
  schema?: string;
  content?: Json;
  errors?: GatewayErrorCode[];
}

/** One row per call. */
export function controlOperations(): Operation[] {
  return [...ROWS.map(operationOf), ...OPEN_OPERATIONS];
}

function operationOf({ status = 200, schema, content, errors = [], path, ...row }: Row): Operation {
  const readsBody = row.method !== 'get' && row.method !== 'delete';
  const readsInput = row.request !== undefined || row.parameters !== undefined;
  return {
    ...row,
    path: `${CONTROL_PREFIX}${path}`,
    security: ['ControlToken'],
    answer: { status, description: row.summary, schema, content },
    errors: [
      ...(readsBody ? (['bad_request'] as const) : []),
      ...(readsInput ? (['validation'] as const) : []),
      ...errors,
      ...GUARDED,
    ],
  };
}

const SNAPSHOT = { [SNAPSHOT_TYPE]: { schema: { type: 'string', contentMediaType: SNAPSHOT_TYPE } } };

const clockMove = (name: string, summary: string, request?: Operation['request']): Row => ({
  method: 'post',
  path: `/clock/${name}`,
  operationId: `clock${pascal(name)}`,
  tag: 'clock',
  summary,
  schema: 'ClockMove',
  request,
});

const ROWS: Row[] = [
  {
    method: 'get',
    path: '/status',
    operationId: 'status',
    tag: 'status',
    summary: 'Where it is, counts, queue, clock',
    schema: 'StatusView',
  },
  {
    method: 'get',
    path: '/assumptions',
    operationId: 'assumptions',
    tag: 'status',
    summary: 'Undocumented behaviours that the traffic relied on',
    parameters: queryParameters(AssumptionsQuery),
    schema: 'AssumptionList',
  },
  {
    method: 'get',
    path: '/feed',
    operationId: 'feed',
    tag: 'status',
    summary: 'What happens, as it happens',
    description:
      'Server-sent events: `id` is the number of the entry, `data` a FeedEntry. Who comes back with `Last-Event-ID` gets ' +
      'what it missed; `event: gap` comes first where that is not all of it.',
    parameters: [{ name: 'Last-Event-ID', in: 'header', required: false, schema: { type: 'string' } }],
    content: { 'text/event-stream': { schema: ref('FeedEntry') } },
    errors: ['too_many_feeds'],
  },
  {
    method: 'get',
    path: '/openapi.json',
    operationId: 'controlOpenapi',
    tag: 'status',
    summary: 'This document',
    content: { 'application/json': { schema: { type: 'object' } } },
  },
  {
    method: 'get',
    path: '/log',
    operationId: 'log',
    tag: 'log',
    summary: 'Attempts of both directions, newest first',
    parameters: queryParameters(LogQuery),
    schema: 'LogPage',
    errors: ['bad_request'],
  },
  {
    method: 'get',
    path: '/log/{id}/{number}',
    operationId: 'logRecord',
    tag: 'log',
    summary: 'One attempt with its request and answer',
    parameters: queryParameters(BodyQuery),
    schema: 'VersionedLogRecordDetail',
    errors: ['unknown_delivery'],
  },
  {
    method: 'get',
    path: '/log/{id}/{number}/diagnosis',
    operationId: 'diagnose',
    tag: 'log',
    summary: 'Why the signature of an attempt does not verify',
    parameters: queryParameters(DiagnosisQuery),
    schema: 'Diagnosis',
    errors: ['unknown_delivery', 'unknown_ats'],
  },
  {
    method: 'get',
    path: '/deliveries/wait',
    operationId: 'waitForDelivery',
    tag: 'log',
    summary: 'Waits for an outgoing delivery',
    description:
      'Answers with the oldest delivery on which everything holds, as soon as there is one. Without `outcome` and ' +
      '`attempts` a delivery counts when it has ended. When the time is up, `met` is false and `closest` says which ' +
      'came closest and what differs; ask again to wait longer.',
    parameters: queryParameters(DeliveryWaitQuery),
    schema: 'DeliveryWaitResult',
    errors: ['bad_request', 'too_many_waits'],
  },
  {
    method: 'get',
    path: '/deliveries/{id}',
    operationId: 'delivery',
    tag: 'log',
    summary: 'One delivery with all its attempts',
    parameters: queryParameters(BodyQuery),
    schema: 'VersionedDeliveryDetail',
    errors: ['unknown_delivery'],
  },
  {
    method: 'post',
    path: '/deliveries/lookup',
    operationId: 'lookupDeliveries',
    tag: 'log',
    summary: 'Many deliveries as they stand; unknown ones are left out',
    request: { schema: 'DeliveriesRequest' },
    schema: 'DeliveryList',
  },
  {
    method: 'get',
    path: '/references/{id}',
    operationId: 'trace',
    tag: 'log',
    summary: 'Everything that one reference_id caused',
    schema: 'Trace',
    errors: ['unknown_reference'],
  },
  {
    method: 'get',
    path: '/references/{id}/wait',
    operationId: 'wait',
    tag: 'log',
    summary: 'Waits for what a reference_id causes',
    description:
      'Answers when the condition holds, no longer can, or the time is up; ask again where `done` is false.',
    parameters: queryParameters(WaitQuery),
    schema: 'VersionedWaitResult',
    errors: ['unknown_reference', 'too_many_waits'],
  },
  {
    method: 'get',
    path: '/belongings/{id}',
    operationId: 'belongings',
    tag: 'log',
    summary: 'What an id belongs to',
    schema: 'BelongingList',
  },
  {
    method: 'post',
    path: '/deliveries/{id}/replay',
    operationId: 'replay',
    tag: 'replay',
    summary: 'Delivers once again, and answers when the attempt was made',
    request: { schema: 'ReplayRequest', required: false },
    schema: 'VersionedDeliveryDetail',
    errors: [
      'unknown_delivery',
      'unknown_ats',
      'not_replayable',
      'no_webhook_url',
      'no_recorded_signature',
      'body_too_large',
    ],
  },
  {
    method: 'post',
    path: '/replays',
    operationId: 'replayMany',
    tag: 'replay',
    summary: 'Starts many replays, all that are named or none',
    request: { schema: 'ReplayManyRequest' },
    schema: 'ReplayManyResult',
    errors: ['unknown_delivery', 'unknown_ats', 'not_replayable', 'no_webhook_url', 'no_recorded_signature'],
  },
  {
    method: 'get',
    path: '/clock',
    operationId: 'clock',
    tag: 'clock',
    summary: 'State, and what is due next',
    schema: 'ClockView',
  },
  clockMove('pause', 'Stands still'),
  clockMove('resume', 'Goes on'),
  clockMove('speed', 'Sets the speed', { schema: 'SpeedRequest', example: { speed: 60 } }),
  clockMove('advance', 'Moves on, and makes what becomes due', {
    schema: 'AdvanceRequest',
    example: { ms: 60_000 },
  }),
  clockMove('next', 'Moves to the next due attempt'),
  clockMove('drain', 'Moves on until nothing is due any more'),
  {
    method: 'post',
    path: '/ats',
    operationId: 'addAts',
    tag: 'portal',
    summary: 'Adds an ATS with fresh credentials and a workspace of its own',
    description:
      'For each worker of a parallel test run: no ATS sees anything of another. The credentials are shown once. Clock, ' +
      'faults without `ats_id` and reset are common to all; a reset takes added ATSs away.',
    request: { schema: 'AtsRequest', example: { webhook_url: 'http://127.0.0.1:3000/webhooks/carvos' } },
    status: 201,
    schema: 'AtsAdded',
    errors: ['ats_exists'],
  },
  {
    method: 'patch',
    path: '/ats/{id}',
    operationId: 'changeAts',
    tag: 'portal',
    summary: 'Name and webhook URL of an ATS',
    request: { schema: 'AtsChange', example: { webhook_url: 'http://127.0.0.1:3000/webhooks/carvos' } },
    schema: 'VersionedAtsView',
    errors: ['unknown_ats'],
  },
  {
    method: 'post',
    path: '/ats/{id}/rotate',
    operationId: 'rotate',
    tag: 'portal',
    summary: 'Replaces a credential; the new value is shown once',
    request: { schema: 'RotateRequest', example: { credential: 'outgoing-secret' } },
    schema: 'RotateResult',
    errors: ['unknown_ats'],
  },
  {
    method: 'post',
    path: '/ats/{id}/test-event',
    operationId: 'sendTestEvent',
    tag: 'portal',
    summary: 'Sends a test event to the webhook URL, once',
    request: { schema: 'TestEventRequest' },
    schema: 'TestEventResult',
    errors: ['unknown_ats', 'no_webhook_url', 'body_too_large'],
  },
  {
    method: 'get',
    path: '/audit',
    operationId: 'audit',
    tag: 'portal',
    summary: 'Changes of settings, newest first',
    parameters: queryParameters(AuditQuery),
    schema: 'AuditPage',
  },
  {
    method: 'post',
    path: '/meetings',
    operationId: 'recordMeeting',
    tag: 'portal',
    summary: 'Makes a meeting happen: three outgoing events',
    request: { schema: 'MeetingRequest', example: { client_id: 'acme-corp', application_id: 'app-2001' } },
    status: 201,
    schema: 'MeetingView',
    errors: ['unknown_ats', 'workspace_not_found', 'workspace_provisioning', 'entity_not_found'],
  },
  {
    method: 'get',
    path: '/workspaces',
    operationId: 'workspaces',
    tag: 'portal',
    summary: 'Every workspace with its members',
    schema: 'WorkspaceList',
  },
  {
    method: 'post',
    path: '/workspaces',
    operationId: 'addWorkspace',
    tag: 'portal',
    summary: 'Adds a workspace, provisioned at once',
    request: { schema: 'WorkspaceRequest', example: { client_id: 'acme-corp', name: 'Acme Corp' } },
    status: 201,
    schema: 'WorkspaceAdded',
    errors: ['unknown_ats', 'workspace_exists'],
  },
  {
    method: 'post',
    path: '/workspaces/{client_id}/members',
    operationId: 'addWorkspaceMember',
    tag: 'portal',
    summary: 'Adds a member, at once',
    request: {
      schema: 'MemberRequest',
      example: { user_id: 'recruiter-001', name: 'Jane Smith', email: 'jane@acme.example' },
    },
    status: 201,
    schema: 'MemberAdded',
    errors: ['unknown_ats', 'workspace_not_found'],
  },
  {
    method: 'get',
    path: '/jobs',
    operationId: 'jobs',
    tag: 'jobs',
    summary: 'Jobs at the AI, newest first',
    parameters: queryParameters(JobQuery),
    schema: 'JobPage',
    errors: ['bad_request'],
  },
  {
    method: 'get',
    path: '/jobs/{id}',
    operationId: 'job',
    tag: 'jobs',
    summary: 'One job, by its own id or the reference_id of its event',
    schema: 'VersionedJob',
    errors: ['unknown_job'],
  },
  {
    method: 'post',
    path: '/jobs/{id}/rerun',
    operationId: 'rerunJob',
    tag: 'jobs',
    summary: 'Runs a failed job again: a new outgoing event follows',
    status: 202,
    schema: 'VersionedJob',
    errors: ['unknown_job', 'job_not_failed'],
  },
  {
    method: 'get',
    path: '/faults',
    operationId: 'faults',
    tag: 'faults',
    summary: 'The rules in the order in which they are asked',
    schema: 'FaultList',
  },
  {
    method: 'post',
    path: '/faults',
    operationId: 'addFault',
    tag: 'faults',
    summary: 'Adds a rule',
    request: { schema: 'FaultRule', example: { kind: 'status-503', first: 2 } },
    status: 201,
    schema: 'VersionedFaultView',
    errors: ['fault_exists'],
  },
  {
    method: 'delete',
    path: '/faults',
    operationId: 'clearFaults',
    tag: 'faults',
    summary: 'Clears every rule',
    schema: 'FaultsCleared',
  },
  {
    method: 'delete',
    path: '/faults/{id}',
    operationId: 'clearFault',
    tag: 'faults',
    summary: 'Clears one rule',
    schema: 'FaultsCleared',
    errors: ['unknown_fault'],
  },
  {
    method: 'get',
    path: '/snapshot',
    operationId: 'saveSnapshot',
    tag: 'content',
    summary: 'The whole state as one SQLite file',
    parameters: queryParameters(SnapshotQuery),
    content: SNAPSHOT,
  },
  {
    method: 'put',
    path: '/snapshot',
    operationId: 'restoreSnapshot',
    tag: 'content',
    summary: 'Puts a snapshot in place of everything',
    request: { content: SNAPSHOT },
    schema: 'StatusView',
    errors: ['not_a_snapshot', 'snapshot_newer', 'bad_snapshot'],
  },
  {
    method: 'post',
    path: '/reset',
    operationId: 'reset',
    tag: 'content',
    summary: 'Back to what the config file says',
    schema: 'StatusView',
  },
];

/** Outside the prefix, without the token. */
const OPEN_OPERATIONS: Operation[] = [
  {
    method: 'post',
    path: `${AI_PREFIX}/callbacks/{token}`,
    operationId: 'aiCallBack',
    tag: 'jobs',
    summary: 'The answer of an AI service after its 202; once',
    description: 'The `callback_url` of an AiRequest, which is what the service is POSTed.',
    security: [],
    request: { schema: 'AiAnswer', example: { default: true } },
    answer: { status: 200, description: 'Taken.', schema: 'AiReceived' },
    errors: ['unknown_link', 'link_used', 'body_too_large', 'bad_ai_answer'],
  },
  {
    method: 'get',
    path: `${AI_PREFIX}/files/{token}`,
    operationId: 'aiFile',
    tag: 'jobs',
    summary: 'The CV of a job, for an AI service; once',
    security: [],
    answer: {
      status: 200,
      description: 'The file.',
      content: { 'application/pdf': { schema: { type: 'string', contentMediaType: 'application/pdf' } } },
    },
    errors: ['unknown_link', 'link_used'],
  },
  {
    method: 'get',
    path: '/healthz',
    operationId: 'alive',
    tag: 'status',
    summary: 'Alive',
    security: [],
    answer: { status: 200, description: 'It runs.', schema: 'Health' },
    errors: [],
  },
  {
    method: 'get',
    path: '/readyz',
    operationId: 'ready',
    tag: 'status',
    summary: 'Accepting; 503 with the reason in `status` while it does not',
    security: [],
    answer: { status: 200, description: 'It accepts requests.', schema: 'Health' },
    errors: [],
  },
  {
    method: 'get',
    path: '/openapi.json',
    operationId: 'gatewayOpenapi',
    tag: 'status',
    summary: "The gateway's own document: what an ATS can call",
    security: [],
    answer: {
      status: 200,
      description: 'An OpenAPI document.',
      content: { 'application/json': { schema: { type: 'object' } } },
    },
    errors: ['not_found'],
  },
];
