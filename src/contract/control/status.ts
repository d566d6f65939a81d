import * as z from 'zod';
import { versioned } from './basics.ts';
import { ClockView } from './clock.ts';

/** The gateway, its ATSs and their workspaces. */

export const AtsView = z.object({
  id: z.string(),
  name: z.string(),
  enabled: z.boolean(),
  webhook_url: z
    .string()
    .nullable()
    .describe('Without user, password, the values of its query, and its fragment'),
  created_at: z.string(),
  updated_at: z.string(),
  /** Never the values. */
  api_key_fingerprint: z.string().nullable(),
  incoming_secret_fingerprint: z.string().nullable(),
  outgoing_secret_fingerprint: z.string().nullable(),
  /** Tells URLs apart that are shown alike; null without one. */
  webhook_url_fingerprint: z.string().nullable(),
});
export type AtsView = z.infer<typeof AtsView>;

export const StatusView = versioned({
  carvos: z.string(),
  gateway_id: z.string(),
  url: z.string(),
  pid: z.int(),
  database: z.string(),
  started_at: z.string(),
  events: z.int(),
  jobs: z.object({
    queued: z.int(),
    running: z.int(),
    done: z.int(),
    failed: z.int(),
  }),
  deliveries: z.object({
    pending: z.int(),
    delivered: z.int(),
    exhausted: z.int(),
  }),
  clock: ClockView,
  /** Undocumented behaviours that the traffic relied on, and how many there are. */
  assumptions: z.object({ relied_on: z.int(), total: z.int() }),
  /** What stands in the facts file, and the assumption that each of them replaces. */
  facts: z.array(z.object({ assumption: z.string(), fact: z.string() })),
  ats: z.array(AtsView),
});
export type StatusView = z.infer<typeof StatusView>;

export const WorkspaceView = z.object({
  ats_id: z.string(),
  client_id: z.string(),
  name: z.string(),
  status: z.enum(['provisioning', 'provisioned']),
  created_at: z.string(),
  members: z.array(z.object({ user_id: z.string(), name: z.string(), email: z.string() })),
});
export type WorkspaceView = z.infer<typeof WorkspaceView>;
