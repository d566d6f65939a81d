import * as z from 'zod';
import { OUTPUT_VERSION } from '../version.ts';
import { MAX_POLL_MS } from './calls.ts';

/** What the shapes of the control API and of `--json` share. */

export const ErrorInfo = z.object({ code: z.string(), message: z.string() });
export type ErrorInfo = z.infer<typeof ErrorInfo>;

/** How long a call waits, wall milliseconds. */
export const PollTimeout = z.coerce
  .number()
  .min(0)
  .default(MAX_POLL_MS)
  .transform((ms) => Math.min(ms, MAX_POLL_MS));

/** An object that stands on its own: with the version in front. */
export function versioned<S extends z.ZodRawShape>(shape: S) {
  return z.object({ version: z.literal(OUTPUT_VERSION), ...shape });
}

/** A page of anything, newest first. `next_cursor` is opaque; `null` on the last page. */
export function page<T extends z.ZodType>(item: T) {
  return versioned({ items: z.array(item), next_cursor: z.string().nullable() });
}
