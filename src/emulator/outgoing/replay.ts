import type { ReplayRequest } from '../../contract/control.ts';
import { ERRORS, type GatewayErrorCode, refused } from '../../contract/errors.ts';
import { parseJson } from '../../contract/json.ts';
import { MAX_BODY_BYTES } from '../../contract/limits.ts';
import { findContradictions, summarizeProblems } from '../../contract/problems.ts';
import { newId } from '../ids.ts';
import type { ReceiverTls } from '../settings.ts';
import { type DeliveryRow, getDelivery, getDeliveryBody, insertDelivery } from '../store/deliveries.ts';
import { getLog, listLogOfDelivery } from '../store/log.ts';
import { listReplayable, type ReplayFilter } from '../store/replays.ts';
import type { Store } from '../store/store.ts';
import { wallNow } from '../time/wall.ts';
import type { WithReplays } from './parts.ts';

export interface ReplayParts extends WithReplays {
  /** A delivery was stored that is due now. */
  wake(lane: string): void;
}

export interface ReplayOptions extends Pick<ReplayRequest, 'to' | 'original' | 'attempt'> {
  /** Other bytes than the recorded ones. */
  body?: Uint8Array;
  /** Instead of the gateway's own rules. */
  tls?: ReceiverTls;
}

/** A new delivery, and what it replays. */
export interface Replay {
  id: string;
  replay_of: string;
}

/**
 * Makes deliveries again: a new one with a single attempt, due now, with the recorded bytes and ids,
 * linked to the first origin. The engine makes the attempt and signs it anew.
 */
export type Replayer = ReturnType<typeof createReplayer>;

/** Replays that share a transaction, so that thousands of them do not hold up what comes in. */
const BATCH = 200;

export function createReplayer(parts: ReplayParts) {
  const { store } = parts;
  return {
    /**
     * Durable when resolved. Where one of them cannot be made again, none is; a disk that fills up on the way, or an
     * origin whose retention ends on the way, leaves those that were stored before, in batches of 200.
     *
     * @throws RefusedError
     */
    async replay(ids: readonly string[], options: ReplayOptions): Promise<Replay[]> {
      if ((options.body?.length ?? 0) > MAX_BODY_BYTES) throw refused('body_too_large');
      // Everything that can be refused is looked at first: either all are made again or none.
      for (const id of ids) prepare(parts, id, options);
      const made: Replay[] = [];
      for (let start = 0; start < ids.length; start += BATCH) {
        const batch = ids.slice(start, start + BATCH);
        const stored = await store.group.submit(() => batch.map((id) => insertReplay(parts, id, options)));
        for (const lane of new Set(stored.map((one) => one.lane))) parts.wake(lane);
        for (const reference of new Set(stored.map((one) => one.reference_id)))
          parts.liveFeed.touch(reference);
        made.push(...stored.map(({ id, replay_of }) => ({ id, replay_of })));
      }
      return made;
    },

    /** Ids of the deliveries that fit, oldest first. */
    async select(filter: ReplayFilter): Promise<string[]> {
      const ids: string[] = [];
      for (let after: number | null = 0; after !== null; ) {
        const from: number = after;
        // In its own turn of the event loop each, between whatever else there is to do.
        const found = await store.group.submit(() => listReplayable(store, filter, from));
        ids.push(...found.ids);
        after = found.next;
      }
      return ids;
    },

    /** Resolves when the delivery was attempted, after `timeoutMs` (wall time), or when `signal` is aborted. */
    async waitForAttempt(id: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
      const reference = getDelivery(store, id)?.reference_id;
      const ended = () => (getDelivery(store, id)?.state === 'pending' ? undefined : true);
      if (reference !== undefined) await parts.liveFeed.waitFor(reference, ended, timeoutMs, signal);
    },
  };
}

interface Prepared {
  origin: DeliveryRow;
  lane: string;
  signature: string | null;
}

function prepare({ store, registry }: ReplayParts, id: string, options: ReplayOptions): Prepared {
  const origin = getDelivery(store, id);
  if (!origin) {
    const isLogged = listLogOfDelivery(store, id).length > 0;
    return refuseReplay(id, isLogged ? 'not_replayable' : 'unknown_delivery');
  }
  const ats = registry.get(origin.ats_id);
  if (!ats) return refuseReplay(id, 'unknown_ats');
  if (options.to === undefined && registry.webhookUrl(ats) === null) refuseReplay(id, 'no_webhook_url');
  refuseContradictions(origin, options.body);
  return {
    origin,
    // A URL of its own has a lane of its own: a dead one must not hold up the ATS's receiver.
    lane: options.to === undefined ? origin.ats_id : `url:${new URL(options.to).origin}`,
    signature: options.original === true ? recordedSignature(store, id, options.attempt) : null,
  };
}

function recordedSignature(store: Store, id: string, attempt: number | undefined): string {
  const row =
    attempt === undefined
      ? listLogOfDelivery(store, id).findLast((one) => one.signature !== null)
      : getLog(store, id, attempt);
  if (!row?.signature) return refuseReplay(id, 'no_recorded_signature');
  return row.signature;
}

function insertReplay(parts: ReplayParts, id: string, options: ReplayOptions) {
  const { store, clock } = parts;
  const { origin, lane, signature } = prepare(parts, id, options);
  const { reference_id } = origin;
  const replay = { id: newId('dlv'), replay_of: origin.replay_of ?? origin.id, lane, reference_id };
  insertDelivery(store, {
    ...replay,
    ats_id: origin.ats_id,
    client_id: origin.client_id,
    ...namesOf(options.body, origin),
    max_steps: 1,
    due: clock.now(),
    test: origin.test === 1,
    target_url: options.to ?? null,
    fixed_signature: signature,
    created_at: wallNow(),
    body: options.body ?? getDeliveryBody(store, origin.seq),
  });
  // Within the transaction: the attempt can be claimed as soon as it ends.
  if (options.tls) parts.replayTls.set(replay.id, options.tls);
  return replay;
}

/** A replay stays with its tenant and its trace: edited bytes that name others would be logged under the wrong one. */
function refuseContradictions(origin: DeliveryRow, body: Uint8Array | undefined): void {
  const { client_id, reference_id } = origin;
  const by = `the delivery ${origin.id}`;
  const problems = findContradictions(fieldsOf(body), {
    client_id: { by, value: client_id },
    reference_id: { by, value: reference_id },
  });
  if (problems.length > 0) throw refused('validation', summarizeProblems(problems));
}

/** Of bytes that are no JSON object, none. */
function fieldsOf(body: Uint8Array | undefined): Record<string, unknown> {
  const parsed = body === undefined ? null : parseJson(body);
  const value = parsed?.ok === true ? parsed.value : null;
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** Event and id as edited, so that log and event header say what is in the body. */
function namesOf(body: Uint8Array | undefined, origin: DeliveryRow): { event: string; event_id: string } {
  const fields = fieldsOf(body);
  const read = (name: 'event' | 'event_id') => {
    const value = fields[name];
    return typeof value === 'string' && /^[\x21-\x7e]{1,255}$/.test(value) ? value : origin[name];
  };
  return { event: read('event'), event_id: read('event_id') };
}

function refuseReplay(id: string, code: GatewayErrorCode): never {
  throw refused(code, `${id}: ${ERRORS[code].message}`);
}
