import * as z from 'zod';
import { AssumptionList } from '../assumptions.ts';
import { SNAPSHOT_TYPE } from '../calls.ts';
import type { Route } from '../route.ts';
import { StatusView } from '../status.ts';

/** The gateway as a whole. */
export const STATUS_ROUTES = {
  status: { tag: 'status', summary: 'Where it is, counts, queue, clock', answer: { StatusView } },
  assumptions: {
    tag: 'status',
    summary: 'Undocumented behaviours that the traffic relied on',
    // Only what this run's traffic relied on, or the whole catalogue.
    query: z.strictObject({ all: z.enum(['0', '1']).default('0') }),
    answer: { AssumptionList },
  },
  feed: {
    tag: 'status',
    summary: 'What happens, as it happens',
    description:
      'Server-sent events: `id` is the number of the entry, `data` a FeedEntry. Who comes back with `Last-Event-ID` gets ' +
      'what it missed; `event: gap` comes first where that is not all of it.',
    headers: [{ name: 'Last-Event-ID', in: 'header', required: false, schema: { type: 'string' } }],
    answerContent: { 'text/event-stream': { schema: { $ref: '#/components/schemas/FeedEntry' } } },
    errors: ['too_many_feeds'],
  },
  controlOpenapi: {
    tag: 'status',
    summary: 'This document',
    answerContent: { 'application/json': { schema: { type: 'object' } } },
  },
} as const satisfies Record<string, Route>;

const SNAPSHOT = { [SNAPSHOT_TYPE]: { schema: { type: 'string', contentMediaType: SNAPSHOT_TYPE } } };

/** All that it holds. */
export const SNAPSHOT_ROUTES = {
  saveSnapshot: {
    tag: 'content',
    summary: 'The whole state as one SQLite file',
    query: z.strictObject({ secrets: z.enum(['0', '1']).default('1') }),
    answerContent: SNAPSHOT,
    errors: ['shutting_down'],
  },
  restoreSnapshot: {
    tag: 'content',
    summary: 'Puts a snapshot in place of everything',
    requestContent: SNAPSHOT,
    answer: { StatusView },
    errors: ['not_a_snapshot', 'snapshot_newer', 'bad_snapshot', 'shutting_down'],
  },
  reset: {
    tag: 'content',
    summary: 'Back to what the config file says',
    answer: { StatusView },
    errors: ['shutting_down'],
  },
} as const satisfies Record<string, Route>;
