import { hash } from 'node:crypto';
import type { DiagnosisView } from '../../contract/diagnosis.ts';
import { type GatewayError, gatewayError } from '../../contract/errors.ts';
import { sayRefusal, swapCv } from '../../contract/facts/apply-facts.ts';
import type { EnvelopedEvent } from '../../contract/incoming.ts';
import type { NoteAssumption } from '../assumptions/notes.ts';
import { assumedByAccepted, assumedByRefusal } from '../assumptions/rules.ts';
import type { Ats } from '../ats/registry.ts';
import { newReferenceId } from '../ids.ts';
import type { LiveFeed } from '../live-feed.ts';
import { viewLogRow } from '../log/view-record.ts';
import type { Settings } from '../settings.ts';
import { findEventByIdentity, insertEvent, type Via } from '../store/events.ts';
import { type LogRow, newLogRow } from '../store/log.ts';
import type { Store } from '../store/store.ts';
import { bindUpload } from '../store/uploads.ts';
import { isMember } from '../store/workspaces.ts';
import type { ScheduleClock } from '../time/schedule-clock.ts';
import { checkFile, checkWorkspace } from './admission.ts';
import { type Answer, createRequestLog, identityOf, notAccepted, type RequestRecord } from './request-log.ts';

/** A request whose sender is known and whose body holds: what every door hands in. */
export interface Intake {
  ats: Ats;
  via: Via;
  event: EnvelopedEvent;
  /** The id in a REST path. */
  targetId?: string;
  request: RequestRecord;
  /** The fault that its answer suffers, for the log. */
  fault?: string;
}

export type Acceptance =
  | { ok: true; referenceId: string; duplicate: boolean }
  | { ok: false; error: GatewayError };

/** A request that is refused before it can be accepted; what is known of it. */
export interface Refusal {
  request: RequestRecord;
  /** What is answered; `null` when the connection is cut instead. */
  error: GatewayError | null;
  /** Why, for the developer; may say more than the answer does. */
  reason: { code: string; message: string };
  atsId: string | null;
  /** What it says about itself, where that is known; its fields need not have the right types. */
  envelope?: unknown;
  /** The fault that was applied, for the log. */
  fault?: string;
}

/** The one door: webhooks, REST writes and in-process sends all come through `accept`. */
export type Acceptor = ReturnType<typeof createAcceptor>;

export interface AcceptorParts {
  store: Store;
  clock: ScheduleClock;
  liveFeed: LiveFeed;
  note: NoteAssumption;
  settings(): Pick<Settings, 'unprovisioned' | 'facts'>;
  /** Called after the commit, in order of acceptance. */
  onAccepted(eventSeq: number, presetError: string | null, event: EnvelopedEvent): void;
  /** Looks for the reason of a refused signature, after the answer has left. */
  diagnose(row: LogRow): Promise<DiagnosisView | null>;
  /** What went wrong after a commit, where the answer stands already. */
  onError(error: unknown): void;
}

/** Reasons of a refused signature that say all there is: the request itself shows what is wrong. */
const EXPLAINED: readonly string[] = ['content_length_short', 'header_misnamed'];

export function createAcceptor(parts: AcceptorParts) {
  const { store, clock, liveFeed } = parts;
  const log = createRequestLog(store);
  const say = (error: GatewayError): Answer => sayRefusal(parts.settings().facts, error);

  return {
    /** A refusal as it is answered here. */
    say,
    /** The body of a request, by the contract's names. */
    read: <T>(body: T): T => swapCv(parts.settings().facts, body),

    /**
     * Accepts or refuses, and logs either. When the promise resolves, the result is durable.
     *
     * @throws the database's error when nothing could be stored.
     */
    async accept(intake: Intake): Promise<Acceptance> {
      const done = await store.group.submit(() => acceptInTransaction(intake));
      afterCommit(() => noteAssumptions(intake, done));
      liveFeed.publish(() => {
        const record = viewLogRow(store, clock, done.row);
        return done.acceptance.ok
          ? { type: 'request.accepted', record, via: intake.via, duplicate: done.acceptance.duplicate }
          : { type: 'request.refused', record, path: intake.request.url };
      });
      const { eventSeq, presetError } = done;
      if (eventSeq !== null) afterCommit(() => parts.onAccepted(eventSeq, presetError, intake.event));
      return done.acceptance;
    },

    /** Logs a request that was refused before. */
    async refuse({ request, error, reason, atsId, envelope, fault }: Refusal): Promise<void> {
      const said = error && say(error);
      const fields = { ...identityOf(envelope), ...notAccepted(said, reason, request) };
      const row = await store.group.submit(() =>
        log(newLogRow({ ...fields, ats_id: atsId, fault: fault ?? null }), request, said),
      );
      if (error) noteRefusal(row, error, reason.code, fault !== undefined);
      const publish = (diagnosis: DiagnosisView | null) =>
        liveFeed.publish(() => ({
          type: 'request.refused',
          record: viewLogRow(store, clock, row),
          path: request.url,
          diagnosis,
        }));
      // Not awaited: the caller is answered first.
      if (error?.code === 'invalid_signature' && !EXPLAINED.includes(reason.code))
        void parts.diagnose(row).then(publish, parts.onError);
      else publish(null);
    },
  };

  /** It is stored, and will be processed: whatever fails now must not turn the 202 into another answer. */
  function afterCommit(work: () => void): void {
    try {
      work();
    } catch (error) {
      parts.onError(error);
    }
  }

  function noteRefusal(
    { delivery_id, number }: LogRow,
    ...refusal: Parameters<typeof assumedByRefusal>
  ): void {
    for (const id of assumedByRefusal(...refusal)) parts.note(id, `${delivery_id}/${number}`);
  }

  function noteAssumptions(intake: Intake, done: ReturnType<typeof acceptInTransaction>): void {
    const { acceptance, row } = done;
    if (!acceptance.ok) {
      noteRefusal(row, acceptance.error);
      return;
    }
    const { event, via, request } = intake;
    const assumed = assumedByAccepted({
      event,
      via,
      duplicate: acceptance.duplicate,
      hasIdentity: event.event_id !== null,
      signature: request.signature,
      contentType: request.body.length === 0 ? 'application/json' : request.headers['Content-Type'],
      failsLater: done.presetError !== null,
      isMember: done.isMember,
    });
    for (const id of assumed) parts.note(id, acceptance.referenceId);
  }

  function acceptInTransaction(intake: Intake) {
    const { ats, event, request } = intake;
    const { event_id: eventId } = event;
    const bodyHash = hashRequest(intake);
    const row = newLogRow({
      ats_id: ats.id,
      client_id: event.client_id,
      event: event.event,
      event_id: eventId,
      fault: intake.fault ?? null,
    });
    const refuse = (error: GatewayError) => {
      const said = say(error);
      Object.assign(row, notAccepted(said, error, request));
      return {
        acceptance: { ok: false, error } as const,
        row: log(row, request, said),
        eventSeq: null,
        presetError: null,
        isMember: false,
      };
    };
    const accept = (referenceId: string, seq: number, duplicate: boolean, presetError: string | null) => {
      row.reference_id = referenceId;
      row.event_seq = seq;
      return {
        acceptance: { ok: true, referenceId, duplicate } as const,
        row: log(row, request, { status: 202, body: { reference_id: referenceId } }),
        eventSeq: duplicate ? null : seq,
        presetError,
        isMember: isMember(store, ats.id, event.client_id, event.user_id),
      };
    };

    if (eventId !== null) {
      const earlier = findEventByIdentity(store, ats.id, event.client_id, eventId);
      if (earlier) {
        return earlier.body_hash.equals(bodyHash)
          ? accept(earlier.reference_id, earlier.seq, true, null)
          : refuse(gatewayError(intake.via === 'rest' ? 'idempotency_key_conflict' : 'event_id_conflict'));
      }
    }
    const gate = checkWorkspace(store, parts.settings().unprovisioned, ats, event, request.receivedAt);
    if (gate.error) return refuse(gate.error);
    const file = gate.presetError === null ? checkFile(store, ats, event, request.receivedAt) : null;
    if (file && 'problem' in file) return refuse(gatewayError('validation', [file.problem]));

    const referenceId = newReferenceId();
    const seq = insertEvent(
      store,
      {
        reference_id: referenceId,
        ats_id: ats.id,
        client_id: event.client_id,
        user_id: event.user_id || null,
        event: event.event,
        event_id: eventId,
        via: intake.via,
        target_id: intake.targetId ?? null,
        body: request.body,
        body_hash: bodyHash,
        received_at: request.receivedAt,
      },
      gate.presetError,
      request.byHand,
    );
    if (file) bindUpload(store, file.upload.seq, seq);
    return accept(referenceId, seq, false, gate.presetError);
  }
}

/** What must be the same when an identity comes again: the bytes, and by REST also what they are for. */
function hashRequest({ via, event, targetId, request }: Intake): Buffer {
  if (via !== 'rest') return hash('sha256', request.body, 'buffer');
  const what = Buffer.from(JSON.stringify([event.event, targetId ?? null]));
  return hash('sha256', Buffer.concat([what, request.body]), 'buffer');
}
