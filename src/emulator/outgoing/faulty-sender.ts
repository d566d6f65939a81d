import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { OFF_BY_SECONDS, tamperBody } from '../../contract/faults.ts';
import { SIGNATURE_HEADER } from '../../signing/header.ts';
import { sign } from '../../signing/sign.ts';
import {
  type AttemptRequest,
  type AttemptResult,
  type AttemptSender,
  NO_ANSWER,
} from '../delivery/send-attempt.ts';
import type { AppliedFault, Faults } from '../faults/faults.ts';
import type { ClaimedDelivery } from '../store/claims.ts';
import { findEventByReference } from '../store/events.ts';
import type { Store } from '../store/store.ts';
import { monotonicNow } from '../time/wall.ts';

/** Pieces that a slow request is cut into, at most. */
const DRIPS = 50;
/** What a receiver may have of a request before `reset` cuts it: long enough for it to arrive. */
const CUT_AFTER_MS = 25;

/** An attempt that is ready to be sent, but for its signature. */
export interface UnsignedAttempt extends Omit<AttemptRequest, 'headers'> {
  headers: Record<string, string>;
  secret: string;
  /** Unix seconds. */
  timestamp: number;
  /** Instead of signing. */
  fixedSignature: string | null;
}

/** What of an attempt a fault can make different. */
type Changed = Partial<Pick<UnsignedAttempt, 'headers' | 'body' | 'timeoutMs'>>;

export interface SentAttempt {
  /** `null` when nothing was sent. */
  signature: string | null;
  result: AttemptResult;
}

/** The one collaborator through which the outbox sends, so that faults can apply. */
export type FaultySender = ReturnType<typeof createFaultySender>;

export function createFaultySender(store: Store, faults: Faults, sender: AttemptSender) {
  /** Those of `reorder` that wait for another to overtake them, by lane. */
  const overtakable = new Map<string, Set<() => void>>();

  return {
    pause: sender.pause,

    /** Decides on the fault of an attempt. */
    decide(delivery: ClaimedDelivery): AppliedFault<'delivery'> | null {
      // What somebody sends elsewhere, or with a signature of his own, goes as he said.
      if (delivery.target_url !== null || delivery.fixed_signature !== null) return null;
      return faults.decide({
        on: 'delivery',
        atsId: delivery.ats_id,
        clientId: delivery.client_id,
        event: delivery.event,
        attempt: delivery.step,
        replay: delivery.replay_of !== null,
        incomingId: () => incomingIdOf(store, delivery),
      });
    },

    /** Delays the attempt where that is the fault. Never rejects. */
    async delay(delivery: ClaimedDelivery, fault: AppliedFault<'delivery'>): Promise<void> {
      if (fault.kind === 'delay') await faults.delay(fault.delayMs);
      if (fault.kind === 'reorder') await untilOvertaken(delivery.lane, fault.delayMs);
    },

    /** Signs and sends; with a fault as the fault says. Never rejects. */
    async send(
      lane: string,
      attempt: UnsignedAttempt,
      fault: AppliedFault<'delivery'> | null,
    ): Promise<SentAttempt> {
      const sent = await (fault === null ? sendAsItIs(attempt) : sendWith(attempt, fault));
      const waiting = overtakable.get(lane);
      if (waiting) for (const release of [...waiting]) release();
      return sent;
    },
  };

  function untilOvertaken(lane: string, atMostMs: number): Promise<void> {
    return new Promise((resolve) => {
      const waiting = overtakable.get(lane) ?? new Set();
      const release = () => {
        waiting.delete(release);
        if (waiting.size === 0) overtakable.delete(lane);
        resolve();
      };
      overtakable.set(lane, waiting.add(release));
      void faults.delay(atMostMs).then(release);
    });
  }

  async function sendSigned(attempt: UnsignedAttempt, signature: string): Promise<SentAttempt> {
    return { signature, result: await sender.send(withSignature(attempt, signature)) };
  }

  function sendAsItIs(attempt: UnsignedAttempt): Promise<SentAttempt> {
    const { body, secret, timestamp } = attempt;
    return sendSigned(attempt, attempt.fixedSignature ?? sign(body as Uint8Array, secret, { timestamp }));
  }

  async function sendWith(attempt: UnsignedAttempt, fault: AppliedFault<'delivery'>): Promise<SentAttempt> {
    const { timestamp, secret } = attempt;
    const body = attempt.body as Uint8Array;
    const good = (at = timestamp) => sign(body, secret, { timestamp: at });
    const post = (signature: string, changed: Changed = {}) =>
      sendSigned({ ...attempt, ...changed, headers: { ...attempt.headers, ...changed.headers } }, signature);
    switch (fault.kind) {
      case 'delay':
      case 'reorder':
        return sendAsItIs(attempt);
      case 'wrong-signature':
        return post(`t=${timestamp},v1=${randomBytes(32).toString('hex')}`);
      case 'wrong-secret':
        return post(sign(body, randomBytes(32).toString('hex'), { timestamp }));
      case 'stale':
        return post(good(timestamp - OFF_BY_SECONDS));
      case 'future':
        return post(good(timestamp + OFF_BY_SECONDS));
      case 'tampered-body':
        return post(good(), { body: tamperBody(body) });
      case 'duplicate': {
        const before = sender.cuts;
        const first = await post(good());
        // Who cut it off waits for the attempt to end.
        if (sender.cuts !== before) return first;
        return { ...first, result: ofTwo(first.result, (await post(good())).result) };
      }
      case 'slow':
        return post(good(), {
          body: Readable.from(drip(body, fault.delayMs), { objectMode: false }),
          headers: { 'Content-Length': String(body.length) },
          timeoutMs: attempt.timeoutMs === null ? null : attempt.timeoutMs + fault.delayMs,
        });
      case 'lost-ack': {
        const sent = await post(good());
        return { ...sent, result: sent.result.outcome === 'error' ? sent.result : lost(sent.result, fault) };
      }
      case 'reset': {
        let cut = false;
        const half = breakOff(body, () => {
          cut = true;
        });
        const sent = await post(good(), {
          body: Readable.from(half, { objectMode: false }),
          headers: { 'Content-Length': String(body.length) },
        });
        if (!cut) return sent;
        const error = { code: 'reset', message: `the connection was cut midway: ${fault.reason}` };
        return { ...sent, result: { ...NO_ANSWER, durationMs: sent.result.durationMs, error } };
      }
      case 'status-429':
      case 'status-500':
      case 'status-503':
        return { signature: null, result: answeredWith(fault) };
    }
  }

  async function* drip(body: Uint8Array, overMs: number): AsyncGenerator<Uint8Array> {
    const size = Math.max(1, Math.ceil(body.length / DRIPS));
    const pieces = Math.ceil(body.length / size);
    const startedAt = monotonicNow();
    for (let piece = 0; piece < pieces; piece++) {
      yield body.subarray(piece * size, (piece + 1) * size);
      // Counted from the start, so that late timers do not add up.
      if (piece < pieces - 1) {
        await faults.delay(Math.max(0, startedAt + (overMs * (piece + 1)) / (pieces - 1) - monotonicNow()));
      }
    }
  }

  async function* breakOff(body: Uint8Array, onCut: () => void): AsyncGenerator<Uint8Array> {
    yield body.subarray(0, Math.floor(body.length / 2));
    await faults.delay(CUT_AFTER_MS);
    onCut();
    throw new Error('cut on purpose');
  }
}

/**
 * The headers as a list: an object that takes on the signature gets a shape of its own each time, and those are
 * cleared away by full garbage collections only.
 */
function withSignature(
  { url, headers, body, timeoutMs, tls, proxy }: UnsignedAttempt,
  signature: string,
): AttemptRequest {
  const list: string[] = [];
  for (const name in headers) list.push(name, headers[name]!);
  list.push(SIGNATURE_HEADER, signature);
  return { url, headers: list, body, timeoutMs, tls, proxy };
}

/** What caused a delivery, named the same in every run. */
function incomingIdOf(store: Store, delivery: ClaimedDelivery): string {
  const source = findEventByReference(store, delivery.reference_id);
  if (!source) return delivery.event_id;
  return source.event_id ?? source.body_hash.toString('hex');
}

/** One attempt, one verdict: the second request counts where the first was accepted. */
function ofTwo(first: AttemptResult, second: AttemptResult): AttemptResult {
  const durationMs = first.durationMs + second.durationMs;
  if (first.outcome !== 'success') return { ...first, durationMs };
  if (second.outcome === 'success') return { ...second, durationMs };
  const answer = second.error?.message ?? `it got ${second.status}`;
  const message = `the first copy got ${first.status}; the second one was not accepted: ${answer}`;
  return { ...second, durationMs, error: { code: second.error?.code ?? 'second_copy', message } };
}

function lost(result: AttemptResult, fault: AppliedFault<'delivery'>): AttemptResult {
  const message = `the receiver answered ${result.status}, and the answer got lost: ${fault.reason}`;
  return { ...NO_ANSWER, durationMs: result.durationMs, error: { code: 'lost_ack', message } };
}

function answeredWith(fault: AppliedFault<'delivery'>): AttemptResult {
  const body = Buffer.from(JSON.stringify({ detail: fault.reason }));
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (fault.retryAfter !== null) headers['retry-after'] = String(fault.retryAfter);
  const status = Number(fault.kind.slice('status-'.length));
  return { ...NO_ANSWER, outcome: 'failure', status, headers, body, bytes: body.length };
}
