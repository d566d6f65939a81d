import * as z from 'zod';

/** What the shapes of the control API share. */

/** Version of these shapes; grows when a field changes its meaning or goes away. */
export const OUTPUT_VERSION = 1;

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
