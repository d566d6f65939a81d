import { setTimeout } from 'node:timers';
import type { LogRecord } from '../../contract/control.ts';
import type { DiagnosisView } from '../../contract/diagnosis.ts';
import { maskLocation, maskUrl } from '../../contract/mask-url.ts';
import { nextAttemptDue, RETRY_DELAYS_MS } from '../../contract/retry-schedule.ts';
import { computedIn } from '../../signing/computed-in.ts';
import { fingerprint } from '../../signing/fingerprint.ts';
import { parseSignatureHeader } from '../../signing/header.ts';
import { DEFAULT_TOLERANCE } from '../../signing/verify.ts';
import { answerWords } from '../../transport/answer-words.ts';
import { assumedByAttempt } from '../assumptions/rules.ts';
import type { AttemptResult } from '../delivery/send-attempt.ts';
import type { AppliedFault } from '../faults/faults.ts';
import { LOGGED_REQUEST, loggedAnswerHeaders } from '../log/attempt-headers.ts';
import { viewLogRow } from '../log/view-record.ts';
import { type ClaimedDelivery, claimDue, takeAbandoned } from '../store/claims.ts';
import { markAttempt, releaseFollowers } from '../store/deliveries.ts';
import { getLog, insertLog, type LogRow } from '../store/log.ts';
import { wallNow } from '../time/wall.ts';
import { outgoingRow } from './attempt-row.ts';
import type { FaultySender } from './faulty-sender.ts';
import type { WithReplays } from './parts.ts';
import { prepareAttempt } from './prepare-attempt.ts';

export interface Attempt {
  /** Empty when there was no URL to send to. */
  url: string;
  signature: string | null;
  /** JSON of the headers that the log keeps. */
  logged: string;
  /** Wall time. */
  startedAt: number;
  result: AttemptResult;
  fault: string | null;
  /** Whether another attempt to the same receiver was in flight. */
  beside: boolean;
}

/** How one attempt is made, and what is written down of it. */
export type Attempts = ReturnType<typeof createAttempts>;

export function createAttempts(parts: WithReplays & { sender: FaultySender }) {
  const { store, registry, clock, liveFeed } = parts;
  const listeners = new Set<(record: LogRecord) => void>();
  /** Attempts in flight, by lane. */
  const inFlight = new Map<string, number>();

  return {
    /**
     * Takes deliveries of a lane that are due at `now`, as many as `limit` says; both are asked inside the
     * transaction. A kill leaves the claim behind; a power cut may lose it, and then nothing tells that the attempt
     * had begun.
     */
    async claim(lane: string, now: () => number, limit: () => number): Promise<ClaimedDelivery[]> {
      const claim = await store.group.submit(
        () => claimDue(store, lane, now(), limit(), wallNow()),
        'committed',
      );
      store.claims.add(claim);
      return claim.deliveries;
    },

    /** Signs and makes one attempt. One that could not even begin for want of file descriptors waits, and is tried again. */
    async send(delivery: ClaimedDelivery): Promise<Attempt> {
      const fault = parts.sender.decide(delivery);
      if (fault) await parts.sender.delay(delivery, fault);
      for (;;) {
        const attempt = await makeAttempt(delivery, fault);
        const { error } = attempt.result;
        if (error?.code !== 'no_descriptors') return attempt;
        // The receiver has no part in it: nothing is recorded, and no attempt is used up.
        parts.onError(new Error(`${error.message}: deliveries wait; raise the limit (ulimit -n)`));
        if (!(await parts.sender.pause())) return attempt;
      }
    },

    /** Writes it down, with what follows. Returns when the next is due, or `null`. */
    record,

    /** Calls back with each attempt as soon as it is written down; the live feed may report it later, diagnosed. */
    watch(listener: (record: LogRecord) => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    /** Gives back what an earlier process had in flight: logged as interrupted, due at once, same step. */
    releaseAbandoned(): number {
      store.claims.clear();
      return store.db.transaction(() => {
        const abandoned = takeAbandoned(store);
        for (const delivery of abandoned) {
          const ats = registry.get(delivery.ats_id);
          const number = delivery.attempt_count + 1;
          const row = outgoingRow(delivery, {
            number,
            outcome: 'interrupted',
            error_code: 'interrupted',
            error_message: 'the emulator stopped during this attempt; it is made again',
            occurred_at: delivery.claimed_at,
            url: delivery.target_url ?? (ats && registry.webhookUrl(ats)) ?? '',
            request_headers: LOGGED_REQUEST,
            delivery_state: 'pending',
            next_step: delivery.step,
            next_due: delivery.due,
          });
          insertLog(store, row);
          const { state, step, due, production_ms } = delivery;
          markAttempt(store, delivery.seq, { state, step, due, production_ms, attempt_count: number });
          parts.note('log-outcomes', `${delivery.id}/${number}`);
        }
        return abandoned.length;
      })();
    },
  };

  async function makeAttempt(
    delivery: ClaimedDelivery,
    fault: AppliedFault<'delivery'> | null,
  ): Promise<Attempt> {
    const startedAt = wallNow();
    const prepared = prepareAttempt(parts, delivery, startedAt);
    if (!prepared.ok) {
      const { url, result } = prepared;
      return {
        url,
        signature: null,
        logged: LOGGED_REQUEST,
        startedAt,
        result,
        fault: null,
        beside: false,
      };
    }
    const beside = inFlight.get(delivery.lane) ?? 0;
    inFlight.set(delivery.lane, beside + 1);
    const sent = await parts.sender.send(delivery.lane, prepared.unsigned, fault);
    const left = inFlight.get(delivery.lane)! - 1;
    if (left > 0) inFlight.set(delivery.lane, left);
    else inFlight.delete(delivery.lane);
    return {
      url: prepared.url,
      signature: sent.signature,
      logged: prepared.logged,
      startedAt,
      result: sent.result,
      fault: fault?.kind ?? null,
      beside: beside > 0,
    };
  }

  async function record(delivery: ClaimedDelivery, attempt: Attempt): Promise<number | null> {
    const { result } = attempt;
    const number = delivery.attempt_count + 1;
    const delivered = result.outcome === 'success';
    // Whole milliseconds, as in the database: a hint that is earlier by a fraction would find nothing due.
    const retryDue =
      delivered || delivery.step >= delivery.max_steps
        ? null
        : nextAttemptDue(delivery.step, Math.ceil(clock.now()));
    const state = delivered ? 'delivered' : retryDue === null ? 'exhausted' : 'pending';
    const step = retryDue === null ? delivery.step : delivery.step + 1;
    const productionMs =
      delivery.production_ms + (RETRY_DELAYS_MS[delivery.step - 1] ?? 0) + result.durationMs;
    const row = outgoingRow(delivery, {
      number,
      outcome: result.outcome,
      status: result.status,
      fault: attempt.fault,
      duration_ms: result.durationMs,
      error_code: result.error?.code ?? null,
      error_message: result.error?.message ?? null,
      occurred_at: attempt.startedAt,
      production_ms: productionMs,
      delivery_state: state,
      next_step: retryDue === null ? null : step,
      next_due: retryDue,
      url: attempt.url,
      request_headers: attempt.logged,
      signature: attempt.signature,
      response_headers: result.status === null ? null : JSON.stringify(loggedAnswerHeaders(result.headers)),
      response_body: result.status === null ? null : result.body,
      response_bytes: result.status === null ? null : result.bytes,
      tls: result.tls === null ? null : JSON.stringify(result.tls),
    });
    let followersDue: number | null = null;
    await untilStored(() => {
      followersDue = null;
      // Only a meeting's events follow one another.
      if (delivery.event.startsWith('meeting.') && releaseFollowers(store, delivery.seq, clock.now())) {
        followersDue = Math.floor(clock.now());
      }
      markAttempt(store, delivery.seq, {
        state,
        step,
        due: retryDue,
        attempt_count: number,
        production_ms: retryDue === null ? 0 : productionMs,
      });
      return insertLog(store, row);
    });
    store.claims.release(delivery);
    parts.replayTls.delete(delivery.id);
    // It is stored: what cannot be told of it must not keep the next one from its time.
    try {
      tell(delivery, attempt, row);
    } catch (error) {
      parts.onError(error);
    }
    return followersDue ?? retryDue;
  }

  function tell(delivery: ClaimedDelivery, attempt: Attempt, row: LogRow): void {
    const { result } = attempt;
    noteAssumptions(delivery, attempt, row);
    for (const listener of [...listeners]) listener(viewLogRow(store, clock, row));
    const secret = registry.get(delivery.ats_id)?.secrets.outgoing[0]?.value;
    const publish = (diagnosis: DiagnosisView | null) =>
      liveFeed.publish(() => ({
        type: 'attempt.finished',
        record: viewLogRow(store, clock, row),
        url: maskUrl(attempt.url),
        answer: result.outcome === 'success' || result.status === null ? null : answerWords(result.body),
        location: maskLocation(result.headers.location, attempt.url),
        secret_fingerprint: secret && fingerprint(secret),
        diagnosis,
      }));
    const computed = result.status === 401 ? computedIn(result.body, attempt.signature) : null;
    const isOld = result.status === 401 && attempt.fault === null && isStale(attempt);
    // Not awaited: what follows from the attempt does not depend on it.
    if (computed === null && !isOld) publish(null);
    else void parts.diagnose(row, computed ?? undefined).then(publish);
    liveFeed.touch(delivery.reference_id);
  }

  function noteAssumptions(delivery: ClaimedDelivery, attempt: Attempt, row: LogRow): void {
    if (attempt.url === '') return;
    const assumed = assumedByAttempt({
      event: delivery.event,
      url: attempt.url,
      number: row.number,
      isReplay: delivery.replay_of !== null,
      isTest: delivery.test === 1,
      state: row.delivery_state!,
      maxSteps: delivery.max_steps,
      outcome: row.outcome,
      answerHeaders: attempt.result.headers,
      bytes: Math.max(delivery.body.length, attempt.result.bytes),
      beside: attempt.beside,
      settingsChanged: () => {
        const secret = registry.get(delivery.ats_id)?.secrets.outgoing[0];
        const before = getLog(store, delivery.id, row.number - 1);
        return (
          before !== undefined &&
          (before.url !== attempt.url || (secret?.created_at ?? 0) > before.occurred_at)
        );
      },
    });
    const sample = `${delivery.id}/${row.number}`;
    for (const id of assumed) parts.note(id, sample);
  }

  /** An attempt that was made must be recorded: a full disk may have room again. */
  async function untilStored<T>(work: () => T): Promise<T> {
    for (;;) {
      try {
        return await store.group.submit(work);
      } catch (error) {
        if (!store.db.open) throw error;
        parts.onError(error);
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
    }
  }
}

/** A recorded signature that is sent again is refused for its age, whatever else is wrong. */
function isStale({ signature, startedAt }: Attempt): boolean {
  const parsed = parseSignatureHeader(signature);
  return parsed.ok && startedAt / 1000 - Number(parsed.timestamp) > DEFAULT_TOLERANCE;
}
