import type { ClockCommand, ControlClient } from '../../client/control-client.ts';
import { isAccepted, postBytes } from '../../client/post-bytes.ts';
import type { LogItem, ReplayRequest } from '../../contract/control.ts';
import { INCOMING_EVENTS } from '../../contract/event-names.ts';
import { maskUrl } from '../../contract/mask-url.ts';
import { userAgent } from '../../contract/outgoing-headers.ts';
import { webhookPath } from '../../contract/paths.ts';
import { VERSION } from '../../contract/version.ts';
import { asCalled } from '../../files/called-as.ts';
import { DEFAULT_PORT } from '../config/defaults.ts';
import type { Sender } from '../config/sender.ts';
import { requireLocal } from '../connect/guard-target.ts';
import { type EventBody, encode, parseObject } from '../events/body.ts';
import { freshIncoming } from '../events/samples.ts';
import { parseDuration } from '../input/flags.ts';
import { parseTarget } from '../input/target.ts';
import { signRequest } from '../send/sign-request.ts';
import { CliError, type ErrorLike } from '../terminal/errors.ts';
import { formatCurl } from '../text/delivery.ts';
import { bytesOf, describeAnswer } from '../text/http.ts';
import { describeReplay } from '../text/outcome.ts';
import { describeClock } from '../text/times.ts';
import type { Feed } from './feed.ts';
import type { Effect } from './intent.ts';
import type { Store } from './reducer.ts';
import { type Status, selectedRecord } from './state.ts';

export interface Hands {
  store(): Store;
  feed(): Feed;
  /** Who signs what is sent; that of the ATS named, or of the selected one. */
  sender(atsId: string | null): Promise<Sender>;
  /** Lets the user edit, with the terminal as it was; throws a CliError. */
  edit(body: EventBody): EventBody;
  /** Puts a text on the terminal's clipboard. */
  copy(text: string): void;
  quit(): void;
  /** Aborted when the user has left. */
  signal?: AbortSignal;
}

const SPEEDS = [1, 10, 60, 600, 3600, 36_000] as const;

/** Does what a key asks for, and says on the status line what comes of it. No error is swallowed. */
export function createActions(hands: Hands): (effect: Effect) => void {
  const say = (kind: Status['kind'], text: string) =>
    hands.store().dispatch({ type: 'status', status: { kind, text, until: shownUntil(kind) } });
  // One after the other: a key that was pressed twice begins where its first press led to.
  let clockTurn: Promise<void> = Promise.resolve();
  return (effect) => {
    if (effect.type === 'quit') return hands.quit();
    const done = effect.type.startsWith('clock.')
      ? clockTurn.then(() => act(effect, hands, say))
      : act(effect, hands, say);
    if (effect.type.startsWith('clock.')) clockTurn = done.catch(() => {});
    done.catch((error: ErrorLike) => {
      const advice = typeof error.next === 'string' ? asCalled(error.next) : '';
      const next = advice === '' ? '' : `. ${advice[0]!.toUpperCase()}${advice.slice(1)}`;
      say('error', `${error instanceof Error ? error.message : String(error)}${next}`);
    });
  };
}

function shownUntil(kind: Status['kind']): number | undefined {
  if (kind === 'progress') return undefined;
  return Date.now() + (kind === 'error' ? 30_000 : 10_000);
}

type Say = (kind: Status['kind'], text: string) => void;

async function act(effect: Effect, hands: Hands, say: Say): Promise<void> {
  const store = hands.store();
  const record = selectedRecord(store.get());
  switch (effect.type) {
    case 'pick.event':
      needClient(hands);
      return store.dispatch({
        type: 'overlay',
        overlay: { kind: 'pick', items: INCOMING_EVENTS, index: 0, query: '' },
      });
    case 'send':
      store.dispatch({ type: 'overlay', overlay: null });
      return await sendSample(effect.event, effect.edit, hands, say);
    case 'replay':
    case 'replay.edited':
      return await again(needRecord(record), effect.type === 'replay.edited', hands, say);
    case 'replay.to': {
      const to = parseTarget(effect.target, 'target');
      store.dispatch({ type: 'overlay', overlay: null });
      const one = needRecord(record);
      if (one.direction === 'incoming') throw new CliError('only outgoing deliveries go to another URL');
      await requireLocal(
        to,
        `If you mean it: carvos replay ${one.delivery_id} --to ${maskUrl(to.href)} --live`,
      );
      return await replay(one, { to: to.href }, hands, say);
    }
    case 'copy.id':
      hands.copy(needRecord(record).delivery_id);
      return say('ok', `copied ${record!.delivery_id} (where the terminal allows OSC 52)`);
    case 'copy.curl': {
      const { id, delivery_id } = needRecord(record);
      const { client } = hands.feed().source();
      const attempt = client
        ? await client.logRecord(id, { whole: true })
        : (await hands.feed().source().delivery(delivery_id)).attempts.find((one) => one.id === id)!;
      hands.copy(formatCurl(attempt, client?.url ?? `http://127.0.0.1:${DEFAULT_PORT}`));
      return say('ok', `copied ${id} as a curl command (where the terminal allows OSC 52)`);
    }
    case 'job.rerun': {
      const { reference_id } = needRecord(record);
      if (reference_id === null) throw new CliError('nothing was accepted here, so there is no AI job');
      const job = await needClient(hands).rerunJob(reference_id);
      store.dispatch({ type: 'detail.stale', referenceId: reference_id });
      hands.feed().nudge();
      return say('ok', `${job.id} runs again (run ${job.run}): the AI is asked for ${job.event}`);
    }
    case 'clock.pause': {
      const paused = (await needClient(hands).clock()).mode === 'paused';
      return await moveClock(paused ? 'resume' : 'pause', hands, say);
    }
    case 'clock.next':
      return await moveClock('next', hands, say);
    case 'clock.advance': {
      const advance = parseDuration(effect.duration, 'advance');
      store.dispatch({ type: 'overlay', overlay: null });
      return await moveClock({ advance }, hands, say);
    }
    case 'clock.speed': {
      const { mode, speed } = await needClient(hands).clock();
      return await moveClock({ speed: nextSpeed(mode, speed, effect.faster) }, hands, say);
    }
  }
}

/** One step of the ladder: manual, 1, 10, 60, 600, 3600, 36000, max. */
export function nextSpeed(mode: string, speed: number | null, faster: boolean): number | 'max' | 'manual' {
  if (mode === 'max') return faster ? 'max' : SPEEDS.at(-1)!;
  if (speed === null) return faster ? SPEEDS[0] : 'manual';
  if (faster) return SPEEDS.find((one) => one > speed) ?? 'max';
  return SPEEDS.filter((one) => one < speed).at(-1) ?? 'manual';
}

async function moveClock(command: ClockCommand, hands: Hands, say: Say): Promise<void> {
  const client = needClient(hands);
  say('progress', typeof command === 'string' ? `clock ${command}` : 'the clock moves');
  const { fired, unlisted, clock } = await client.clockMove(command);
  hands.store().dispatch({ type: 'clock', clock, at: Date.now() });
  hands.feed().nudge();
  const count = fired.length + unlisted;
  const moves = command === 'next' || (typeof command === 'object' && 'advance' in command);
  const made = moves || count > 0 ? `, ${count} ${count === 1 ? 'attempt' : 'attempts'} made` : '';
  say('ok', `the clock ${describeClock(clock)}${made}`);
}

/** An outgoing delivery is replayed; an incoming request is sent again, as the ATS would. */
async function again(record: LogItem, edited: boolean, hands: Hands, say: Say): Promise<void> {
  const client = needClient(hands);
  if (!edited && record.direction === 'outgoing') return await replay(record, {}, hands, say);
  const { body } = await client.delivery(record.delivery_id, { whole: true });
  let bytes = bytesOf(body);
  if (edited) {
    const value = parseObject(bytes);
    if (value === null) throw new CliError('the body is not a JSON object, so it cannot be edited');
    const before = encode(value);
    const after = hands.edit({ bytes, sample: false, file: null, value }).bytes;
    if (after.equals(before)) say('info', 'nothing was changed; it is sent as it was');
    bytes = after.equals(before) ? bytes : after;
  }
  if (record.direction === 'incoming') return await post(bytes, record.ats_id, hands, say);
  return await replay(record, edited ? { body_base64: bytes.toString('base64') } : {}, hands, say);
}

async function replay(record: LogItem, request: ReplayRequest, hands: Hands, say: Say): Promise<void> {
  say('progress', `replaying ${record.delivery_id}${request.to ? ` to ${request.to}` : ''}…`);
  const made = await needClient(hands).replay(record.delivery_id, request);
  hands.feed().nudge();
  say(made.state === 'delivered' ? 'ok' : made.state === 'pending' ? 'info' : 'error', describeReplay(made));
}

async function sendSample(event: string, edited: boolean, hands: Hands, say: Say): Promise<void> {
  const { ats } = await hands.sender(null);
  const value = freshIncoming(event, ats);
  const body: EventBody = { bytes: encode(value), sample: true, file: null, value };
  const { bytes } = edited ? hands.edit(body) : body;
  await post(bytes, ats.id, hands, say);
}

async function post(bytes: Buffer, atsId: string | null, hands: Hands, say: Say): Promise<void> {
  const client = needClient(hands);
  const { ats, secret } = await hands.sender(atsId);
  const url = new URL(webhookPath(atsId ?? ats.id), client.url);
  await requireLocal(url);
  say('progress', `sending to ${url.href}…`);
  const { body, headers } = signRequest(bytes, secret, Math.floor(Date.now() / 1000), undefined);
  headers['User-Agent'] = userAgent(VERSION);
  const result = await postBytes({
    url,
    body,
    headers,
    timeoutMs: 15_000,
    start: 'carvos dev',
    tls: client.tls,
    signal: hands.signal,
  });
  hands.feed().nudge();
  if (!result.ok) throw new CliError(result.message, { next: result.hint });
  const accepted = isAccepted(result);
  const answer = accepted ? 'the gateway took it' : describeAnswer(result).join('; ');
  say(accepted ? 'ok' : 'error', `${result.status}  ${answer}`);
}

function needRecord(record: LogItem | null): LogItem {
  if (record === null) throw new CliError('nothing is selected');
  return record;
}

function needClient(hands: Hands): ControlClient {
  const { client } = hands.feed().source();
  if (client === null)
    throw new CliError('read-only: this is the database file', {
      next: 'look at a running `carvos dev` to act',
    });
  return client;
}
