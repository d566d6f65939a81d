import * as z from 'zod';
import { versioned } from './basics.ts';
import { LogRecord, NextAttempt } from './log.ts';

/** The schedule clock, and what a move of it fired. */

export const ClockMode = z.enum(['running', 'paused', 'max', 'manual']);
export type ClockMode = z.infer<typeof ClockMode>;

export const ClockView = versioned({
  mode: ClockMode,
  /** Schedule seconds per real second; `null` in `max` and `manual`. */
  speed: z.number().nullable(),
  schedule_ms: z.number(),
  /** Deliveries that still have an attempt to come. */
  pending: z.int(),
  next: z
    .object({
      delivery_id: z.string(),
      event: z.string(),
      attempt_count: z.int(),
      next_attempt: NextAttempt,
    })
    .nullable(),
});
export type ClockView = z.infer<typeof ClockView>;

/** What a clock command did: the attempts that fired because of it, in order. */
export const ClockMove = versioned({
  fired: z.array(LogRecord),
  /** Attempts made beyond those listed. */
  unlisted: z.int(),
  clock: ClockView,
});
export type ClockMove = z.infer<typeof ClockMove>;
