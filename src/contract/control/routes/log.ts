import * as z from 'zod';
import { DeliveryWaitQuery, DeliveryWaitResult } from '../../delivery-wait.ts';
import { DiagnosisView } from '../../diagnosis.ts';
import { PollTimeout, versioned } from '../basics.ts';
import {
  Belonging,
  DeliveriesRequest,
  Delivery,
  DeliveryDetail,
  Trace,
  WaitResult,
  WaitUntil,
} from '../deliveries.ts';
import { LogDirection, LogPage, LogQuery, LogRecordDetail } from '../log.ts';
import { ReplayManyRequest, ReplayManyResult, ReplayRequest } from '../replay.ts';
import type { Route } from '../route.ts';

/** The log's cap is for reading; whoever sends or compares the bytes asks for all of them. */
const BodyQuery = z.strictObject({ body: z.enum(['capped', 'whole']).default('capped') });

const DiagnosisQuery = z.strictObject({
  /** What the receiver computed. */
  computed: z.string().max(512).optional(),
  /** Unix seconds; when the record was made, by default. */
  at: z.coerce.number().int().min(0).optional(),
  /** Seconds. */
  tolerance: z.union([z.literal('off'), z.coerce.number().int().min(0)]).optional(),
});

const VersionedDeliveryDetail = versioned(DeliveryDetail.shape);

/** The delivery log, and what one request caused. */
export const LOG_ROUTES = {
  log: {
    tag: 'log',
    summary: 'Attempts of both directions, newest first',
    query: LogQuery,
    answer: { LogPage },
    errors: ['bad_request'],
  },
  logRecord: {
    tag: 'log',
    summary: 'One attempt with its request and answer',
    query: BodyQuery,
    answer: { VersionedLogRecordDetail: versioned(LogRecordDetail.shape) },
    errors: ['unknown_delivery'],
  },
  diagnose: {
    tag: 'log',
    summary: 'Why the signature of an attempt does not verify',
    query: DiagnosisQuery,
    answer: {
      Diagnosis: versioned({ id: z.string(), direction: LogDirection, diagnosis: DiagnosisView }),
    },
    errors: ['bad_request', 'unknown_delivery', 'unknown_ats'],
  },
  waitForDelivery: {
    tag: 'log',
    summary: 'Waits for an outgoing delivery',
    description:
      'Answers with the oldest delivery on which everything holds, as soon as there is one. Without `outcome` and ' +
      '`attempts` a delivery counts when it has ended. When the time is up, `met` is false and `closest` says which ' +
      'came closest and what differs; ask again to wait longer.',
    query: DeliveryWaitQuery,
    answer: { DeliveryWaitResult },
    errors: ['bad_request', 'too_many_waits'],
  },
  delivery: {
    tag: 'log',
    summary: 'One delivery with all its attempts',
    query: BodyQuery,
    answer: { VersionedDeliveryDetail },
    errors: ['unknown_delivery'],
  },
  lookupDeliveries: {
    tag: 'log',
    summary: 'Many deliveries as they stand; unknown ones are left out',
    request: { DeliveriesRequest },
    answer: { DeliveryList: versioned({ items: z.array(Delivery) }) },
  },
  trace: {
    tag: 'log',
    summary: 'Everything that one reference_id caused',
    answer: { Trace },
    errors: ['unknown_reference'],
  },
  wait: {
    tag: 'log',
    summary: 'Waits for what a reference_id causes',
    description:
      'Answers when the condition holds, no longer can, or the time is up; ask again where `done` is false.',
    query: z.strictObject({ until: WaitUntil.default('settled'), timeout_ms: PollTimeout }),
    answer: { VersionedWaitResult: versioned(WaitResult.shape) },
    errors: ['unknown_reference', 'too_many_waits'],
  },
  belongings: {
    tag: 'log',
    summary: 'What an id belongs to',
    answer: { BelongingList: versioned({ items: z.array(Belonging) }) },
  },
} as const satisfies Record<string, Route>;

/** Delivering again. */
export const REPLAY_ROUTES = {
  replay: {
    tag: 'replay',
    summary: 'Delivers once again, and answers when the attempt was made',
    request: { ReplayRequest },
    bodyOptional: true,
    answer: { VersionedDeliveryDetail },
    errors: [
      'unknown_delivery',
      'unknown_ats',
      'not_replayable',
      'no_webhook_url',
      'no_recorded_signature',
      'body_too_large',
      'replacing',
    ],
  },
  replayMany: {
    tag: 'replay',
    summary: 'Starts many replays, all that are named or none',
    request: { ReplayManyRequest },
    answer: { ReplayManyResult },
    errors: ['unknown_delivery', 'unknown_ats', 'not_replayable', 'no_webhook_url', 'no_recorded_signature'],
  },
} as const satisfies Record<string, Route>;
