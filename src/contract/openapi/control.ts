import * as z from 'zod';
import { AI_PREFIX, AiAnswer, AiRequest } from '../ai.ts';
import { routeOf, schemasOf } from '../control/routes.ts';
import {
  AtsView,
  Belonging,
  CALL_NAMES,
  type CallName,
  ClockView,
  CONTROL_CALLS,
  CONTROL_PREFIX,
  Delivery,
  FeedEntry,
  ListedJob,
  LogRecord,
  LogRecordDetail,
  WorkspaceView,
} from '../control.ts';
import { OutgoingView } from '../delivery-wait.ts';
import type { GatewayErrorCode } from '../errors.ts';
import { FaultView } from '../fault-view.ts';
import { AuditEntry } from '../portal.ts';
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

/** The control API: what a test in any language can read and change. */

/** What several answers are made of, and what goes to an AI service and back. */
const PARTS = {
  AiRequest,
  AiReceived: z.object({ status: z.literal('received') }),
  ListedJob,
  LogRecord,
  LogRecordDetail,
  Delivery,
  ClockView,
  AtsView,
  WorkspaceView,
  FaultView,
  Belonging,
  OutgoingView,
  AuditEntry,
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
      ...componentSchemas({ AiAnswer, ...schemasOf('request') }, 'input'),
      ...componentSchemas(
        {
          ...PARTS,
          ...schemasOf('answer'),
          ...Object.fromEntries(Object.entries(FEED).map(([type, one]) => [feedName(type), one])),
        },
        'output',
      ),
      FeedEntry: unionBy('type', Object.fromEntries(Object.keys(FEED).map((type) => [type, feedName(type)]))),
      Health: {
        type: 'object',
        required: ['status'],
        properties: {
          status: {
            type: 'string',
            enum: ['ok', 'ready', 'starting', 'stopping', 'replacing', 'unusable', 'full'],
          },
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
        description: 'In `.carvos/emulator.json`, or what CARVOS_CONTROL_TOKEN says.',
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

/** One row per call. */
function controlOperations(): Operation[] {
  return [...CALL_NAMES.map(operationOf), ...OPEN_OPERATIONS];
}

function operationOf(name: CallName): Operation {
  const { method, path } = CONTROL_CALLS[name];
  const { tag, summary, description, query, headers, ...row } = routeOf(name);
  const parameters = query ? queryParameters(query) : headers && [...headers];
  const request =
    row.request || row.requestContent
      ? {
          schema: nameOf(row.request),
          example: row.example,
          content: row.requestContent,
          required: !row.bodyOptional,
        }
      : undefined;
  return {
    method,
    path: `${CONTROL_PREFIX}${path}`,
    operationId: name,
    tag,
    summary,
    description,
    security: ['ControlToken'],
    parameters,
    request,
    answer: {
      status: row.status ?? 200,
      description: summary,
      schema: nameOf(row.answer),
      content: row.answerContent,
    },
    errors: [
      ...new Set([
        ...(row.request ? (['bad_request', 'body_too_large'] as const) : []),
        ...(request || parameters ? (['validation'] as const) : []),
        ...(row.errors ?? []),
        ...GUARDED,
      ]),
    ],
  };
}

function nameOf(named: object | undefined): string | undefined {
  return named && Object.keys(named)[0];
}

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
