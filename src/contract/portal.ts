import * as z from 'zod';
import { Delivery, LogRecordDetail, versioned } from './control.ts';
import { Id } from './entities.ts';
import { EVENT_DIRECTIONS } from './event-names.ts';
import { WebUrl } from './text-forms.ts';

/** What an ATS engineer changes in the portal (contract, section 7), as the control API has it. */

export const CREDENTIALS = ['api-key', 'incoming-secret', 'outgoing-secret'] as const;
export const Credential = z.enum(CREDENTIALS);
export type Credential = z.infer<typeof Credential>;

/** Longest time for which a replaced secret may go on verifying: a day and a week would be a mistake. */
const MAX_OVERLAP_MS = 7 * 24 * 3_600_000;

export const AtsChange = z.strictObject({
  name: Id.optional(),
  /** `null` takes it away. */
  webhook_url: WebUrl.nullable().optional(),
});
export type AtsChange = z.infer<typeof AtsChange>;

export const RotateRequest = z.strictObject({
  credential: Credential,
  /** How long the old secret verifies beside the new one, in wall milliseconds; it stops at once by default. */
  overlap_ms: z.int().min(0).max(MAX_OVERLAP_MS).default(0),
});
export type RotateRequest = z.input<typeof RotateRequest>;

export const RotateResult = versioned({
  ats_id: z.string(),
  credential: Credential,
  /** The new value. It is shown here and never again. */
  value: z.string(),
  fingerprint: z.string(),
  /** Until then the old one verifies as well; `null`: it stopped at once. */
  old_valid_until: z.string().nullable(),
});

const AUDIT_ACTIONS = [
  'ats.added',
  'ats.updated',
  'credential.rotated',
  'workspace.added',
  'workspace.provisioned',
  'member.added',
] as const;

/** One change. Its details name secrets by their fingerprints only. */
export const AuditEntry = z.object({
  id: z.int(),
  at: z.string(),
  ats_id: z.string(),
  /** `control`: somebody with the control token. `config`: the config file or `.env`. `ats`: the ATS itself. */
  actor: z.enum(['control', 'config', 'ats']),
  action: z.enum(AUDIT_ACTIONS),
  details: z.record(z.string(), z.string().nullable()),
});
export type AuditEntry = z.infer<typeof AuditEntry>;

export const AuditQuery = z.strictObject({
  ats_id: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(50),
  /** Older than this one. */
  cursor: z.coerce.number().int().optional(),
});

/** A test event: exactly these bytes, signed and sent to the ATS's webhook URL, once. */
export const TestEventRequest = z.strictObject({ body_base64: z.base64() });

/** `attempt` is `null` when it had not ended after 30 seconds. */
export const TestEventResult = versioned({
  delivery: Delivery,
  attempt: LogRecordDetail.nullable(),
  /** Where the answer redirects to, its query hidden: the log does not keep it. */
  location: z.string().nullable().optional(),
});
export type TestEventResult = z.infer<typeof TestEventResult>;

/** An incoming event: exactly these bytes, past HTTP and signature. */
export const EventRequest = z.strictObject({ body_base64: z.base64() });

/** It was accepted, as over HTTP with 202. */
export const EventSent = versioned({
  reference_id: z.string(),
  event_id: z.string(),
  /** The `event_id` was known: nothing is processed again. */
  duplicate: z.boolean(),
});
export type EventSent = z.infer<typeof EventSent>;

/** Asks what the contract's schema says of a body. */
export const EventCheckRequest = z.strictObject({ direction: z.enum(EVENT_DIRECTIONS), text: z.string() });

export const EventCheck = versioned({
  /** `null` where the body names no event of that direction. */
  event: z.string().nullable(),
  /** Empty for a body that fits. Lines and columns are one-based. */
  problems: z.array(z.object({ line: z.int(), column: z.int(), path: z.string(), message: z.string() })),
});
export type EventCheck = z.infer<typeof EventCheck>;
