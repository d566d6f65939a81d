import * as z from 'zod';
import { OUTPUT_VERSION } from '../version.ts';

/** Delivering again. */

const ReplayTarget = z
  .url({ protocol: /^https?$/ })
  .refine((url) => !holdsCredentials(url), 'must hold no credentials');

function holdsCredentials(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { username, password } = new URL(text);
  return username !== '' || password !== '';
}

/** How one delivery is made again. */
export const ReplayRequest = z.strictObject({
  /** Instead of the ATS's webhook URL. */
  to: ReplayTarget.optional(),
  /** Send the signature that was recorded with the newest attempt, instead of signing anew. */
  original: z.boolean().default(false),
  /** With `original`: the signature of this attempt. */
  attempt: z.number().int().min(1).optional(),
  /** Other bytes, at most 1 MiB. */
  body_base64: z.base64().optional(),
});
export type ReplayRequest = z.input<typeof ReplayRequest>;

/** Which deliveries to replay: those named, or those that fit all filters. */
export const ReplayManyRequest = z.strictObject({
  ids: z.array(z.string()).min(1).max(10_000).optional(),
  /** Those exhausted that no replay has delivered since; otherwise every delivery that has ended. */
  exhausted: z.boolean().default(false),
  /** Created then or later; ISO 8601. */
  since: z.iso.datetime().optional(),
  event: z.string().optional(),
  client_id: z.string().optional(),
  to: ReplayTarget.optional(),
  original: z.boolean().default(false),
  /** Only say which they are. */
  dry_run: z.boolean().default(false),
});
export type ReplayManyRequest = z.input<typeof ReplayManyRequest>;

export const ReplayManyResult = z.object({
  version: z.literal(OUTPUT_VERSION),
  count: z.number().int(),
  /** In order of their creation; `id` is `null` after a dry run. */
  items: z.array(z.object({ replay_of: z.string(), id: z.string().nullable() })),
});
export type ReplayManyResult = z.infer<typeof ReplayManyResult>;
