import * as z from 'zod';
import { OUTPUT_VERSION } from '../version.ts';

/** What the shapes of the control API share. */

export const ErrorInfo = z.object({ code: z.string(), message: z.string() });
export type ErrorInfo = z.infer<typeof ErrorInfo>;

/** A page of anything, newest first. `next_cursor` is opaque; `null` on the last page. */
export function page<T extends z.ZodType>(item: T) {
  return z.object({
    version: z.literal(OUTPUT_VERSION),
    items: z.array(item),
    next_cursor: z.string().nullable(),
  });
}
