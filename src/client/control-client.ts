import { Readable } from 'node:stream';
import {
  ANSWER_LIMIT_MS,
  type CallName,
  isControlToken,
  MAX_POLL_MS,
  SNAPSHOT_TYPE,
} from '../contract/control/calls.ts';
import type { CallInput, JsonCall } from '../contract/control/routes.ts';
import type { FeedEntry, ReplayManyRequest, ReplayRequest, WaitUntil } from '../contract/control.ts';
import type { FaultRuleInput } from '../contract/fault-rule.ts';
import type { MeetingRequest } from '../contract/meeting.ts';
import type { AtsChange, RotateRequest } from '../contract/portal.ts';
import { readCertificates } from '../transport/authorities.ts';
import { buildRequest } from './build-request.ts';
import { type FeedOptions, followFeed } from './control-feed.ts';
import { type CallOptions, type ControlTarget, callControl, openStream } from './http-json.ts';

export type ClockCommand =
  | 'pause'
  | 'resume'
  | 'next'
  | 'drain'
  | { /** Milliseconds of schedule time. */ advance: number }
  | { speed: number | 'max' | 'manual' };

/** Request bodies in full, not only their beginning. */
const WHOLE = { body: 'whole' } as const;

export type ControlClient = ReturnType<typeof createControlClient>;

/**
 * A client of a running emulator's control API. Every method throws `ControlError` for an answer that
 * is not 2xx, `ForeignAnswerError` for one that is not what a gateway of this version answers, and
 * `UnreachableError` when no complete answer comes.
 *
 * @param options `caFile`: PEM file with certificates that are trusted too, `ca`: the certificates themselves; `signal` ends whatever is in flight.
 * @throws TypeError when `url` is not an http or https URL, or `token` cannot stand in a header.
 */
export function createControlClient(options: {
  url: string;
  token: string;
  caFile?: string | undefined;
  ca?: readonly string[] | undefined;
  signal?: AbortSignal;
}) {
  const ca = options.caFile === undefined ? options.ca : readCertificates(options.caFile);
  const tls = ca && { ca };
  const target: ControlTarget = {
    url: parseBase(options.url),
    token: parseToken(options.token),
    signal: options.signal,
    tls,
  };
  const call = <N extends JsonCall>(name: N, input: CallInput<N>, options?: CallOptions) =>
    callControl(target, name, input, options);

  return {
    url: target.url.origin,
    tls,
    status: () => call('status', {}),
    log: (query: Query<'log'> = {}, signal?: AbortSignal) => call('log', { query }, { signal }),
    /** @param id `dlv_…` */
    delivery: (id: string, { whole = false } = {}) =>
      call('delivery', { params: { id }, query: whole ? WHOLE : {} }),
    /** @param id `dlv_…/3` */
    logRecord: (id: string, { whole = false } = {}) =>
      call('logRecord', { params: attemptParams(id), query: whole ? WHOLE : {} }),
    /** Why the signature of an attempt does not verify, by the secrets that only the gateway knows. */
    diagnosis: (id: string, query: Query<'diagnose'> = {}) =>
      call('diagnose', { params: attemptParams(id), query }),
    /** Many deliveries as they stand, at most 1000; unknown ones are left out. */
    lookupDeliveries: (ids: readonly string[]) => call('lookupDeliveries', { body: { ids: [...ids] } }),
    /** What an id belongs to; nothing when it is none of this gateway's. */
    belongings: (id: string) => call('belongings', { params: { id } }),
    /**
     * Delivers again, once, and answers when the attempt was made; with `attempts: 0` when it took longer
     * than the receiver's limit, or 30 seconds.
     */
    replay: (id: string, body: ReplayRequest = {}) => call('replay', { params: { id }, body }),
    /** Starts many replays and answers at once; where one that is named cannot be replayed, none is. */
    replayMany: (body: ReplayManyRequest) => call('replayMany', { body }),
    /** Undocumented behaviours that the traffic relied on; with `all` every one that there is. */
    assumptions: ({ all = false } = {}) => call('assumptions', { query: all ? { all: '1' } : {} }),
    trace: (referenceId: string) => call('trace', { params: { id: referenceId } }),
    /** Waits until the condition holds or no longer can; `done` is false when `timeoutMs`, real ones, were up first. */
    wait: (id: string, wait: { until: WaitUntil; timeoutMs: number; signal?: AbortSignal }) =>
      poll(
        wait.timeoutMs,
        (timeout_ms) => {
          const limit = { timeoutMs: timeout_ms + ANSWER_LIMIT_MS, signal: wait.signal };
          return call('wait', { params: { id }, query: { until: wait.until, timeout_ms } }, limit);
        },
        ({ done }) => done,
      ),
    /** Waits for an outgoing delivery on which everything holds, `timeoutMs` long. */
    waitForDelivery: (query: Query<'waitForDelivery'>, timeoutMs: number, signal?: AbortSignal) =>
      poll(
        timeoutMs,
        (timeout_ms) => call('waitForDelivery', { query: { ...query, timeout_ms } }, { signal }),
        ({ met }) => met,
      ),
    /** Adds an ATS with fresh credentials and a workspace, for whoever must not meet others. */
    addAts: (body: Body<'addAts'>) => call('addAts', { body }),
    clock: () => call('clock', {}),
    /** `drain`, `next` and `advance` return when the attempts they caused have ended. */
    clockMove: (command: ClockCommand, signal?: AbortSignal) => {
      if (typeof command === 'string') return call(CLOCK_CALLS[command], {}, { signal });
      if ('speed' in command) return call('clockSpeed', { body: command }, { signal });
      return call('clockAdvance', { body: { ms: command.advance } }, { signal });
    },
    workspaces: () => call('workspaces', {}),
    /** Adds a provisioned workspace, at once. */
    addWorkspace: (body: Body<'addWorkspace'>) => call('addWorkspace', { body }),
    addMember: (client_id: string, body: Body<'addWorkspaceMember'>) =>
      call('addWorkspaceMember', { params: { client_id }, body }),
    changeAts: (id: string, body: AtsChange) => call('changeAts', { params: { id }, body }),
    /** A new random credential; the answer alone holds its value. */
    rotate: (id: string, body: RotateRequest) => call('rotate', { params: { id }, body }),
    /** Who changed what, newest first. */
    audit: (query: Query<'audit'> = {}) => call('audit', { query }),
    /** Sends exactly these bytes as a test event to the ATS's webhook URL, once, and waits for the answer. */
    sendTestEvent: (id: string, bytes: Uint8Array) => {
      const body = { body_base64: Buffer.from(bytes).toString('base64') };
      return call('sendTestEvent', { params: { id }, body });
    },
    /** Makes a meeting happen: transcript, summary and notes follow as outgoing events. */
    recordMeeting: (body: MeetingRequest) => call('recordMeeting', { body }),
    /** The gateway's whole state, as one file, while it goes on. */
    snapshot: async ({ secrets, signal }: { secrets: boolean; signal?: AbortSignal }) => {
      const request = {
        ...buildRequest('saveSnapshot', { query: { secrets: secrets ? '1' : '0' } }),
        signal,
      };
      return Readable.from(await openStream(target, SNAPSHOT_TYPE, request), { objectMode: false });
    },
    /** Puts a snapshot in place of everything that the gateway holds. */
    restore: (data: Readable) => call('restoreSnapshot', {}, { stream: { type: SNAPSHOT_TYPE, data } }),
    /** Back to empty: only what the config file says is there again. */
    reset: () => call('reset', {}),
    /** Jobs at the AI, newest first. */
    jobs: (query: Query<'jobs'> = {}) => call('jobs', { query }),
    /** Runs a failed job once more. @param id `job_…`, or the reference_id. */
    rerunJob: (id: string) => call('rerunJob', { params: { id } }),
    /** Faults on purpose, in the order in which the rules are asked. */
    faults: () => call('faults', {}),
    addFault: (body: FaultRuleInput) => call('addFault', { body }),
    /** Takes one rule away, or all. */
    clearFaults: (id?: string) =>
      id === undefined ? call('clearFaults', {}) : call('clearFault', { params: { id } }),
    /** What happens, as it happens, until `signal` is aborted; a lost connection is opened again. */
    feed: (signal: AbortSignal, options?: FeedOptions): AsyncIterable<FeedEntry> =>
      followFeed(target, signal, options),
  };
}

type Query<N extends CallName> = CallInput<N> extends { query?: infer Q } ? NonNullable<Q> : never;
type Body<N extends CallName> = CallInput<N> extends { body?: infer B } ? NonNullable<B> : never;

const CLOCK_CALLS = {
  pause: 'clockPause',
  resume: 'clockResume',
  next: 'clockNext',
  drain: 'clockDrain',
} as const;

/** Asks again until the answer is the last one, or the time is up: no single question is held for so long. */
async function poll<T>(
  timeoutMs: number,
  ask: (timeoutMs: number) => Promise<T>,
  isLast: (answer: T) => boolean,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const left = Math.max(0, Math.ceil(deadline - performance.now()));
    const answer = await ask(Math.min(left, MAX_POLL_MS));
    if (isLast(answer) || performance.now() >= deadline) return answer;
  }
}

function attemptParams(attempt: string): { id: string; number: string } {
  const slash = attempt.lastIndexOf('/');
  if (slash < 1) throw new TypeError(`an attempt's id looks like dlv_…/3, not ${attempt}`);
  return { id: attempt.slice(0, slash), number: attempt.slice(slash + 1) };
}

function parseBase(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new TypeError(`not an http:// or https:// URL: ${text}`);
  }
  return url;
}

function parseToken(text: string): string {
  if (isControlToken(text)) return text;
  throw new TypeError('the control token cannot stand in a header');
}
