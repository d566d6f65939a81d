import * as z from 'zod';
import { FASTEST_SPEED, SLOWEST_SPEED } from '../../limits.ts';
import { ClockMove, ClockView } from '../clock.ts';
import type { Route } from '../route.ts';

const LONGEST_ADVANCE_MS = 366 * 86_400_000;

const SpeedRequest = z.strictObject({
  speed: z.union([z.number().min(SLOWEST_SPEED).max(FASTEST_SPEED), z.enum(['max', 'manual'])]),
});
const AdvanceRequest = z.strictObject({ ms: z.number().min(0).max(LONGEST_ADVANCE_MS) });

const move = { tag: 'clock', answer: { ClockMove } } as const;
const ahead = { ...move, errors: ['replacing', 'shutting_down'] } as const;

export const CLOCK_ROUTES = {
  clock: { tag: 'clock', summary: 'State, and what is due next', answer: { ClockView } },
  clockPause: { ...move, summary: 'Stands still' },
  clockResume: { ...move, summary: 'Goes on' },
  clockSpeed: { ...move, summary: 'Sets the speed', request: { SpeedRequest }, example: { speed: 60 } },
  clockAdvance: {
    ...ahead,
    summary: 'Moves on, and makes what becomes due',
    request: { AdvanceRequest },
    example: { ms: 60_000 },
  },
  clockNext: { ...ahead, summary: 'Moves to the next due attempt' },
  clockDrain: { ...ahead, summary: 'Moves on until nothing is due any more' },
} as const satisfies Record<string, Route>;
