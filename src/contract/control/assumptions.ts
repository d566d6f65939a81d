import * as z from 'zod';
import { versioned } from './basics.ts';

/** What the emulator does without CarvOS's documentation saying so, and how much this gateway's traffic relied on it. */
export const AssumptionUse = z.object({
  /** Stable; scripts read it. */
  id: z.string(),
  /** `unread`: documented where it could not be read; a guess. `emu`: our decision. */
  source: z.enum(['unread', 'emu']),
  /** Section of the wire contract. */
  section: z.int(),
  what: z.string(),
  /** Where it shows: an event, a call, a header, an answer. */
  where: z.string(),
  why: z.string(),
  /** How to find out from the real gateway or its documentation. */
  check: z.string(),
  /** `false`: no traffic can show whether it was relied on. */
  observable: z.boolean(),
  /** How often it was relied on. */
  count: z.int(),
  first_at: z.string().nullable(),
  last_at: z.string().nullable(),
  /** Where to look at the first time: a `reference_id`, or an attempt in the log (`dlv_…/n`). */
  sample: z.string().nullable(),
  /** What the facts file puts in its place; `null` where it says nothing of it. */
  fact: z.string().nullable(),
});
export type AssumptionUse = z.infer<typeof AssumptionUse>;

export const AssumptionList = versioned({
  /** Entries of the catalogue. */
  total: z.int(),
  relied_on: z.int(),
  items: z.array(AssumptionUse),
});
export type AssumptionList = z.infer<typeof AssumptionList>;
