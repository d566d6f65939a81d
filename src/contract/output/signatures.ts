import * as z from 'zod';
import { ErrorInfo, versioned } from '../control.ts';
import { DiagnosisView } from '../diagnosis.ts';
import { BodyText, Direction, type Document, SecretUsed } from './common.ts';

/** Output of `sign`, `verify` and `listen`. */

export const SignOutput = versioned({
  signature: z.string(),
  header: z.string().describe('Name of the header'),
  direction: Direction,
  bytes: z.int(),
  secret: SecretUsed,
});

const judged = {
  valid: z.boolean(),
  direction: Direction.nullable().describe('null with --secret'),
  timestamp: z.int().nullable().describe('t, Unix seconds'),
  age_seconds: z.number().nullable(),
  tolerance_seconds: z.number().nullable().describe('null: no age is checked'),
  body_bytes: z.int(),
  secrets: z.array(SecretUsed),
};

export const VerifyOutput = z.union([
  versioned({
    ...judged,
    valid: z.literal(true),
    reason: z.null(),
    secret: SecretUsed.describe('The one that fits'),
    diagnosis: z.null(),
  }),
  versioned({
    ...judged,
    valid: z.literal(false),
    reason: z.string(),
    position: z.int().nullable().describe('Where in the header it goes wrong'),
    explanation: z.string(),
    next: z.string(),
    diagnosis: DiagnosisView,
  }),
  // With --computed.
  versioned({
    ...judged,
    signature_valid: z.boolean().describe('Of the signature that was given beside it'),
    reason: z.literal('computed_differs').nullable(),
    diagnosis: DiagnosisView,
  }),
  // With --delivery: judged by the gateway.
  versioned({
    valid: z.boolean(),
    id: z.string(),
    direction: Direction,
    reason: z.string().nullable(),
    diagnosis: DiagnosisView,
  }),
]);

const Verdict = z.object({
  valid: z.boolean(),
  reason: z.string().nullable(),
  age: z.number().nullable().describe('Seconds'),
});

const Listening = versioned({
  type: z.literal('listening'),
  url: z.string(),
  secret_fingerprints: z.array(z.string()),
});

const ReceivedWebhook = versioned({
  type: z.literal('request'),
  number: z.int(),
  at: z.string(),
  direction: Direction,
  event: z.string().nullable(),
  event_id: z.string().nullable(),
  reference_id: z.string().nullable(),
  client_id: z.string().nullable(),
  method: z.string(),
  path: z.string(),
  headers: z.record(z.string(), z.string()),
  raw_headers: z.array(z.string()).describe('Names and values in turn'),
  signature: z.string().nullable(),
  body: BodyText,
  verdict: Verdict,
  problem: z.string().nullable().describe('What is seen to be wrong beside the signature'),
  diagnosis: DiagnosisView.nullable().describe('null where the signature is valid'),
  seen_before: z.boolean(),
  answered: z.int().nullable().describe('null: the sender gave up before'),
  duration_ms: z.number(),
  forwarded: z
    .object({
      status: z.int().nullable(),
      duration_ms: z.number(),
      error: ErrorInfo.nullable(),
    })
    .nullable()
    .describe('With --forward'),
});
export type ReceivedDocument = Document<z.infer<typeof ReceivedWebhook>>;

const RefusedRequest = versioned({
  type: z.literal('refused'),
  at: z.string(),
  code: z.string(),
  message: z.string().describe('Why, for the developer'),
  status: z.int().nullable().describe('What was answered; null: the sender was gone before'),
  method: z.string().describe('As far as it could be read'),
  path: z.string().describe('As far as it could be read'),
});
export type RefusedDocument = Document<z.infer<typeof RefusedRequest>>;

/** `listen`: first where it listens, then each webhook, and what else reached its port. */
export const ListenOutput = z.discriminatedUnion('type', [Listening, ReceivedWebhook, RefusedRequest]);
