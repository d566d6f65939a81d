import * as z from 'zod';
import { versioned } from './control/basics.ts';
import { FAULT_KINDS, FAULT_POINTS } from './faults.ts';

/** A rule in force. */
export const FaultView = z.object({
  id: z.string(),
  kind: z.enum(FAULT_KINDS),
  on: z.enum(FAULT_POINTS),
  event: z.string().nullable(),
  client_id: z.string().nullable(),
  ats_id: z.string().nullable(),
  share: z.number(),
  first: z.int().nullable(),
  count: z.int().nullable(),
  delay_ms: z.number().nullable(),
  retry_after: z.int().nullable(),
  /** `control`: added while running, kept in the database. `config`: stands in the config file. */
  origin: z.enum(['control', 'config']),
  applied_count: z.int(),
  /** How often it still will be; `null` without a count. */
  remaining: z.int().nullable(),
});
export type FaultView = z.infer<typeof FaultView>;

/** The seed, and the rules in the order in which they are asked. */
export const FaultList = versioned({
  seed: z.int(),
  items: z.array(FaultView),
});
