import { Readable } from 'node:stream';
import type {
  AssumptionList,
  AtsView,
  Belonging,
  ClockMove,
  ClockView,
  Delivery,
  DeliveryDetail,
  FeedEntry,
  JobQuery,
  ListedJob,
  LogPage,
  LogQuery,
  LogRecordDetail,
  ReplayManyRequest,
  ReplayManyResult,
  ReplayRequest,
  StatusView,
  Trace,
  WaitResult,
  WaitUntil,
  WorkspaceView,
} from '../contract/control.ts';
import type { Answer, AnswerName } from '../contract/control-answers.ts';
import type { FaultList, FaultRuleInput, FaultView } from '../contract/fault-rule.ts';
import type { MeetingRequest, MeetingView } from '../contract/meeting.ts';
import type {
  AtsChange,
  AuditEntry,
  AuditQuery,
  RotateRequest,
  RotateResult,
  TestEventResult,
} from '../contract/portal.ts';
import { type FeedOptions, followFeed } from './control-feed.ts';
import { encodeSegment } from './encode-segment.ts';
import { type ControlTarget, type JsonRequest, openStream, requestJson } from './http-json.ts';

/**
 * The same as CONTROL_PREFIX of src/contract/control.ts, which would pull in zod at run time.
 * A test holds the two together.
 */
export const CONTROL_PATH = '/_carvos/v1';

/** The same as that of src/contract/control.ts, for the same reason. */
export const SNAPSHOT_TYPE = 'application/vnd.sqlite3';

/** The server answers a wait after this long at the latest; the client then asks again. */
const LONGEST_POLL_MS = 30_000;
const ANSWER_LIMIT_MS = 15_000;

export interface Page<T> {
  version: number;
  items: T[];
  next_cursor: string | null;
}

export type ClockCommand =
  | 'pause'
  | 'resume'
  | 'next'
  | 'drain'
  | { /** Milliseconds of schedule time. */ advance: number }
  | { speed: number | 'max' | 'manual' };

export interface WorkspaceInput {
  ats_id?: string;
  client_id: string;
  name: string;
  admin_name: string;
  admin_email: string;
}

export interface MemberInput {
  ats_id?: string;
  user_id: string;
  name: string;
  email: string;
}

export interface BodyOptions {
  /** Request bodies in full, not only their beginning. */
  whole?: boolean;
}

export interface DiagnosisQuestion {
  /** What the other side computed. */
  computed?: string;
  /** Unix seconds. */
  at?: number;
  /** Seconds; `off` checks no age. */
  tolerance?: number | 'off';
}

export interface WaitOptions {
  until: WaitUntil;
  /** Real milliseconds until the wait is given up. */
  timeoutMs: number;
  signal?: AbortSignal;
}

export interface ControlClient {
  readonly url: string;
  status(): Promise<StatusView>;
  log(query?: Partial<LogQuery>, signal?: AbortSignal): Promise<LogPage>;
  /** @param id `dlv_…` */
  delivery(id: string, options?: BodyOptions): Promise<DeliveryDetail>;
  /** @param id `dlv_…/3` */
  logRecord(id: string, options?: BodyOptions): Promise<LogRecordDetail>;
  /** Why the signature of an attempt does not verify, by the secrets that only the gateway knows. */
  diagnosis(id: string, question?: DiagnosisQuestion): Promise<Answer<'diagnosis'>>;
  /** Many deliveries as they stand, at most 1000; unknown ones are left out. */
  lookupDeliveries(ids: readonly string[]): Promise<{ version: number; items: Delivery[] }>;
  /** What an id belongs to; nothing when it is none of this gateway's. */
  belongings(id: string): Promise<{ version: number; items: Belonging[] }>;
  /**
   * Delivers again, once, and answers when the attempt was made; with `attempts: 0` when it took longer
   * than the receiver's limit, or 30 seconds.
   */
  replay(id: string, request?: ReplayRequest): Promise<DeliveryDetail>;
  /** Starts many replays and answers at once; where one that is named cannot be replayed, none is. */
  replayMany(request: ReplayManyRequest): Promise<ReplayManyResult>;
  trace(referenceId: string): Promise<Trace>;
  /** Undocumented behaviours that the traffic relied on; with `all` every one that there is. */
  assumptions(options?: { all?: boolean }): Promise<AssumptionList>;
  /** Waits until the condition holds or no longer can; `done` is false when the time was up first. */
  wait(referenceId: string, options: WaitOptions): Promise<WaitResult>;
  clock(): Promise<ClockView>;
  /** `drain`, `next` and `advance` return when the attempts they caused have ended. */
  clockMove(command: ClockCommand, signal?: AbortSignal): Promise<ClockMove>;
  workspaces(): Promise<Omit<Page<WorkspaceView>, 'next_cursor'>>;
  /** Adds a provisioned workspace, at once. */
  addWorkspace(input: WorkspaceInput): Promise<{ ats_id: string; client_id: string }>;
  addMember(
    clientId: string,
    input: MemberInput,
  ): Promise<MemberInput & { ats_id: string; client_id: string }>;
  /** @param url the new webhook URL; `null` takes it away. */
  setWebhookUrl(atsId: string, url: string | null): Promise<AtsView>;
  /** Changes name or webhook URL of an ATS. */
  changeAts(atsId: string, change: AtsChange): Promise<AtsView>;
  /** A new random credential; the answer alone holds its value. */
  rotate(atsId: string, request: RotateRequest): Promise<RotateResult>;
  /** Who changed what, newest first. */
  audit(query?: Partial<AuditQuery>): Promise<Page<AuditEntry>>;
  /** Sends exactly these bytes as a test event to the ATS's webhook URL, once, and waits for the answer. */
  sendTestEvent(atsId: string, body: Uint8Array): Promise<TestEventResult>;
  /** Makes a meeting happen: transcript, summary and notes follow as outgoing events. */
  recordMeeting(meeting: MeetingRequest): Promise<MeetingView>;
  /** The gateway's whole state, as one file, while it goes on. */
  snapshot(options: { secrets: boolean; signal?: AbortSignal }): Promise<Readable>;
  /** Puts a snapshot in place of everything that the gateway holds. */
  restore(snapshot: Readable): Promise<StatusView>;
  /** Back to empty: only what the config file says is there again. */
  reset(): Promise<StatusView>;
  /** Jobs at the AI, newest first. */
  jobs(query?: Partial<JobQuery>): Promise<Page<ListedJob>>;
  /** Runs a failed job once more. @param id `job_…`, or the reference_id. */
  rerunJob(id: string): Promise<ListedJob>;
  /** Faults on purpose, in the order in which the rules are asked. */
  faults(): Promise<FaultList>;
  addFault(rule: FaultRuleInput): Promise<FaultView>;
  /** Takes one rule away, or all. */
  clearFaults(id?: string): Promise<{ cleared: string[] }>;
  /** What happens, as it happens, until `signal` is aborted; a lost connection is opened again. */
  feed(signal: AbortSignal, options?: FeedOptions): AsyncIterable<FeedEntry>;
}

/**
 * A client of a running emulator's control API. Every method throws `ControlError` for an answer that
 * is not 2xx, `ForeignAnswerError` for one that is not what a gateway of this version answers, and
 * `UnreachableError` when no complete answer comes.
 *
 * @throws TypeError when `url` is not an http or https URL, or `token` cannot stand in a header.
 */
export function createControlClient(options: { url: string; token: string }): ControlClient {
  const target: ControlTarget = { url: parseBase(options.url), token: parseToken(options.token) };
  const call: Call = (expected, method, path, rest = {}) =>
    requestJson(target, expected, {
      timeoutMs: ANSWER_LIMIT_MS,
      ...rest,
      method,
      path: CONTROL_PATH + path,
    });

  return {
    url: target.url.origin,
    status: () => call('status', 'GET', '/status'),
    log: (query = {}, signal) => call('log', 'GET', `/log${queryString(query)}`, { signal }),
    delivery: (id, body) => call('delivery', 'GET', `/deliveries/${encodeSegment(id)}${bodyQuery(body)}`),
    logRecord: (id, body) => call('log-record', 'GET', `/log/${attemptPath(id)}${bodyQuery(body)}`),
    diagnosis: (id, question = {}) =>
      call('diagnosis', 'GET', `/log/${attemptPath(id)}/diagnosis${queryString({ ...question })}`),
    lookupDeliveries: (ids) => call('deliveries', 'POST', '/deliveries/lookup', { body: { ids } }),
    belongings: (id) => call('belongings', 'GET', `/belongings/${encodeSegment(id)}`),
    replay: (id, request = {}) =>
      call('delivery', 'POST', `/deliveries/${encodeSegment(id)}/replay`, {
        body: request,
        timeoutMs: LONGEST_POLL_MS + ANSWER_LIMIT_MS,
      }),
    // Choosing among, and storing, hundreds of thousands takes its time.
    replayMany: (request) => call('replays', 'POST', '/replays', { body: request, timeoutMs: null }),
    assumptions: (options = {}) =>
      call('assumptions', 'GET', `/assumptions${options.all === true ? '?all=1' : ''}`),
    trace: (referenceId) => call('trace', 'GET', `/references/${encodeSegment(referenceId)}`),
    wait: (referenceId, wait) => waitFor(call, referenceId, wait),
    clock: () => call('clock', 'GET', '/clock'),
    clockMove: (command, signal) => {
      const { path, body } = clockRequest(command);
      // Draining four hours of schedule against a slow receiver takes as long as it takes.
      return call('clock-move', 'POST', path, { body, timeoutMs: null, signal });
    },
    workspaces: () => call('workspaces', 'GET', '/workspaces'),
    addWorkspace: (input) => call('workspace', 'POST', '/workspaces', { body: input }),
    addMember: (clientId, input) =>
      call('member', 'POST', `/workspaces/${encodeSegment(clientId)}/members`, { body: input }),
    setWebhookUrl: (atsId, url) =>
      call('ats', 'PATCH', `/ats/${encodeSegment(atsId)}`, { body: { webhook_url: url } }),
    changeAts: (atsId, change) => call('ats', 'PATCH', `/ats/${encodeSegment(atsId)}`, { body: change }),
    rotate: (atsId, request) =>
      call('rotated', 'POST', `/ats/${encodeSegment(atsId)}/rotate`, { body: request }),
    audit: (query = {}) => call('audit', 'GET', `/audit${queryString(query)}`),
    sendTestEvent: (atsId, body) =>
      call('test-event', 'POST', `/ats/${encodeSegment(atsId)}/test-event`, {
        body: { body_base64: Buffer.from(body).toString('base64') },
        timeoutMs: LONGEST_POLL_MS + ANSWER_LIMIT_MS,
      }),
    recordMeeting: (meeting) => call('meeting', 'POST', '/meetings', { body: meeting }),
    snapshot: async ({ secrets, signal }) => {
      const path = `${CONTROL_PATH}/snapshot?secrets=${secrets ? 1 : 0}`;
      return Readable.from(
        await openStream(target, SNAPSHOT_TYPE, { method: 'GET', path, timeoutMs: null, signal }),
        {
          objectMode: false,
        },
      );
    },
    restore: (data) =>
      call('status', 'PUT', '/snapshot', { stream: { type: SNAPSHOT_TYPE, data }, timeoutMs: null }),
    reset: () => call('status', 'POST', '/reset', { timeoutMs: null }),
    faults: () => call('faults', 'GET', '/faults'),
    jobs: (query = {}) => call('jobs', 'GET', `/jobs${queryString(query)}`),
    rerunJob: (id) => call('job', 'POST', `/jobs/${encodeSegment(id)}/rerun`),
    addFault: (rule) => call('fault', 'POST', '/faults', { body: rule }),
    clearFaults: (id) =>
      call('cleared', 'DELETE', id === undefined ? '/faults' : `/faults/${encodeSegment(id)}`),
    feed: (signal, feedOptions) => followFeed(target, `${CONTROL_PATH}/feed`, signal, feedOptions),
  };
}

type Call = <N extends AnswerName>(
  expected: N,
  method: JsonRequest['method'],
  path: string,
  rest?: Partial<JsonRequest>,
) => Promise<Answer<N>>;

async function waitFor(call: Call, referenceId: string, options: WaitOptions): Promise<WaitResult> {
  const deadline = performance.now() + options.timeoutMs;
  for (;;) {
    const left = Math.max(0, Math.ceil(deadline - performance.now()));
    const poll = Math.min(left, LONGEST_POLL_MS);
    const query = queryString({ until: options.until, timeout_ms: poll });
    const path = `/references/${encodeSegment(referenceId)}/wait${query}`;
    const limit = { timeoutMs: poll + ANSWER_LIMIT_MS, signal: options.signal };
    const result = await call('wait', 'GET', path, limit);
    if (result.done || performance.now() >= deadline) return result;
  }
}

function clockRequest(command: ClockCommand): { path: string; body?: unknown } {
  if (typeof command === 'string') return { path: `/clock/${command}` };
  if ('advance' in command) return { path: '/clock/advance', body: { ms: command.advance } };
  return { path: '/clock/speed', body: { speed: command.speed } };
}

function bodyQuery(options: BodyOptions | undefined): string {
  return options?.whole === true ? '?body=whole' : '';
}

function attemptPath(id: string): string {
  const slash = id.lastIndexOf('/');
  if (slash < 1) throw new TypeError(`an attempt's id looks like dlv_…/3, not ${id}`);
  return `${encodeSegment(id.slice(0, slash))}/${encodeSegment(id.slice(slash + 1))}`;
}

function queryString(values: Record<string, string | number | undefined>): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) if (value !== undefined) query.set(key, String(value));
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

function parseBase(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new TypeError(`not an http:// or https:// URL: ${text}`);
  }
  return url;
}

function parseToken(text: string): string {
  // What Node takes in a header: Latin-1 without control characters, of which a tab is allowed.
  if (/^[\t\x20-\x7e\x80-\xff]*$/.test(text)) return text;
  throw new TypeError('the control token holds characters that cannot stand in a header');
}
