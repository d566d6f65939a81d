/**
 * The calls of the control API by their names: what a request needs to be on its way. What goes in and comes out
 * stands in `routes.ts`; this half is loaded without zod.
 */

export const CONTROL_PREFIX = '/_carvos/v1';
/** Where the page is. */
export const PAGE_PREFIX = '/_carvos/portal';

/** Whether a control token can stand in a header: Latin-1 without control characters, and without a space at its ends. */
export function isControlToken(text: string): boolean {
  return /^(?! )[\x20-\x7e\x80-\xff]+(?<! )$/.test(text);
}

/** Media type of a snapshot: one SQLite file. */
export const SNAPSHOT_TYPE = 'application/vnd.sqlite3';

/** Longest single long-poll, wall milliseconds; a client that waits longer asks again. */
export const MAX_POLL_MS = 30_000;
/** How long a client waits for an answer, wall milliseconds. */
export const ANSWER_LIMIT_MS = 15_000;

export interface ControlCall {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** Below the prefix, as OpenAPI writes it. */
  path: `/${string}`;
  /** How long its client waits where that is not ANSWER_LIMIT_MS; `null`: as long as the connection holds. */
  limitMs?: number | null;
}

const POLL = { limitMs: MAX_POLL_MS + ANSWER_LIMIT_MS };
const UNLIMITED = { limitMs: null };

/** In the order in which the router asks them: `/deliveries/wait` is no id. */
export const CONTROL_CALLS = {
  status: { method: 'get', path: '/status' },
  assumptions: { method: 'get', path: '/assumptions' },
  feed: { method: 'get', path: '/feed', ...UNLIMITED },
  controlOpenapi: { method: 'get', path: '/openapi.json' },
  log: { method: 'get', path: '/log' },
  logRecord: { method: 'get', path: '/log/{id}/{number}' },
  diagnose: { method: 'get', path: '/log/{id}/{number}/diagnosis' },
  waitForDelivery: { method: 'get', path: '/deliveries/wait', ...POLL },
  delivery: { method: 'get', path: '/deliveries/{id}' },
  lookupDeliveries: { method: 'post', path: '/deliveries/lookup' },
  trace: { method: 'get', path: '/references/{id}' },
  wait: { method: 'get', path: '/references/{id}/wait', ...POLL },
  belongings: { method: 'get', path: '/belongings/{id}' },
  replay: { method: 'post', path: '/deliveries/{id}/replay', ...POLL },
  // Choosing among, and storing, hundreds of thousands takes its time.
  replayMany: { method: 'post', path: '/replays', ...UNLIMITED },
  clock: { method: 'get', path: '/clock' },
  // Draining four hours of schedule against a slow receiver takes as long as it takes.
  clockPause: { method: 'post', path: '/clock/pause', ...UNLIMITED },
  clockResume: { method: 'post', path: '/clock/resume', ...UNLIMITED },
  clockSpeed: { method: 'post', path: '/clock/speed', ...UNLIMITED },
  clockAdvance: { method: 'post', path: '/clock/advance', ...UNLIMITED },
  clockNext: { method: 'post', path: '/clock/next', ...UNLIMITED },
  clockDrain: { method: 'post', path: '/clock/drain', ...UNLIMITED },
  addAts: { method: 'post', path: '/ats' },
  changeAts: { method: 'patch', path: '/ats/{id}' },
  rotate: { method: 'post', path: '/ats/{id}/rotate' },
  sendTestEvent: { method: 'post', path: '/ats/{id}/test-event', ...POLL },
  sendEvent: { method: 'post', path: '/ats/{id}/events' },
  checkEvent: { method: 'post', path: '/events/check' },
  audit: { method: 'get', path: '/audit' },
  recordMeeting: { method: 'post', path: '/meetings' },
  workspaces: { method: 'get', path: '/workspaces' },
  addWorkspace: { method: 'post', path: '/workspaces' },
  addWorkspaceMember: { method: 'post', path: '/workspaces/{client_id}/members' },
  jobs: { method: 'get', path: '/jobs' },
  job: { method: 'get', path: '/jobs/{id}' },
  rerunJob: { method: 'post', path: '/jobs/{id}/rerun' },
  faults: { method: 'get', path: '/faults' },
  addFault: { method: 'post', path: '/faults' },
  clearFaults: { method: 'delete', path: '/faults' },
  clearFault: { method: 'delete', path: '/faults/{id}' },
  saveSnapshot: { method: 'get', path: '/snapshot', ...UNLIMITED },
  restoreSnapshot: { method: 'put', path: '/snapshot', ...UNLIMITED },
  reset: { method: 'post', path: '/reset', ...UNLIMITED },
} as const satisfies Record<string, ControlCall>;

export type CallName = keyof typeof CONTROL_CALLS;
export const CALL_NAMES = Object.keys(CONTROL_CALLS) as CallName[];

type NamesIn<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | NamesIn<Rest>
  : never;

/** What the path of a call names. */
export type CallParams<N extends CallName> = Record<NamesIn<(typeof CONTROL_CALLS)[N]['path']>, string>;
