import * as z from 'zod';
import { PollTimeout, WaitUntil } from './control.ts';
import { Email, Id, Text } from './entities.ts';
import { FASTEST_SPEED, SLOWEST_SPEED } from './limits.ts';

/** Bodies and queries of the control API: what its routes read, and what its OpenAPI document says. */

const LONGEST_ADVANCE_MS = 366 * 86_400_000;

export const WaitQuery = z.strictObject({ until: WaitUntil.default('settled'), timeout_ms: PollTimeout });

/** The log's cap is for reading; whoever sends or compares the bytes asks for all of them. */
export const BodyQuery = z.strictObject({ body: z.enum(['capped', 'whole']).default('capped') });

export const DiagnosisQuery = z.strictObject({
  /** What the receiver computed. */
  computed: z.string().max(512).optional(),
  /** Unix seconds; when the record was made, by default. */
  at: z.coerce.number().int().min(0).optional(),
  /** Seconds. */
  tolerance: z.union([z.literal('off'), z.coerce.number().int().min(0)]).optional(),
});

export const SnapshotQuery = z.strictObject({ secrets: z.enum(['0', '1']).default('1') });

/** Only what this run's traffic relied on, or the whole catalogue. */
export const AssumptionsQuery = z.strictObject({ all: z.enum(['0', '1']).default('0') });

export const SpeedRequest = z.strictObject({
  speed: z.union([z.number().min(SLOWEST_SPEED).max(FASTEST_SPEED), z.enum(['max', 'manual'])]),
});

export const AdvanceRequest = z.strictObject({ ms: z.number().min(0).max(LONGEST_ADVANCE_MS) });

export const WorkspaceRequest = z.strictObject({
  ats_id: z.string().optional(),
  client_id: Id,
  name: Text.optional(),
  admin_name: Text.optional(),
  admin_email: Email.optional(),
});
export const MemberRequest = z.strictObject({
  ats_id: z.string().optional(),
  user_id: Id,
  name: Text,
  email: Email,
});
