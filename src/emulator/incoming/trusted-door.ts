import { gatewayError, RefusedError, refused } from '../../contract/errors.ts';
import { envelop, parseIncomingEvent } from '../../contract/incoming.ts';
import { parseJson } from '../../contract/json.ts';
import { MAX_BODY_BYTES, MAX_JSON_DEPTH } from '../../contract/limits.ts';
import type { EventSent } from '../../contract/portal.ts';
import { summarizeProblems } from '../../contract/problems.ts';
import type { Ats } from '../ats/registry.ts';
import { monotonicNow, wallNow } from '../time/wall.ts';
import type { Acceptor } from './accept.ts';
import type { RequestGate } from './request-gate.ts';
import type { RequestRecord } from './request-log.ts';

/** What was accepted; the names are those of the wire. */
export type Sent = Omit<EventSent, 'version'>;

/** The way in for who is trusted: in this process, or with the control token. */
export type TrustedDoor = ReturnType<typeof createTrustedDoor>;

export function createTrustedDoor(acceptor: Acceptor, gate: RequestGate) {
  /** @throws RefusedError where nothing is accepted now. */
  function requireOpen(): void {
    if (gate.closedFor) throw refused(gate.closedFor);
  }

  async function accept(ats: Ats, body: Buffer): Promise<Sent> {
    const request: RequestRecord = {
      method: 'POST',
      url: '(in process)',
      headers: { 'Content-Type': 'application/json' },
      signature: null,
      body,
      byHand: true,
      receivedAt: wallNow(),
      startedAt: monotonicNow(),
    };
    const parsed = parseJson(body, 'exact', MAX_JSON_DEPTH);
    const event = parsed.ok
      ? parseIncomingEvent(acceptor.read(parsed.value))
      : { ok: false as const, problems: [parsed.problem] };
    if (!event.ok) {
      const error = gatewayError('validation', event.problems);
      await acceptor.refuse({
        request,
        error,
        reason: { code: 'invalid_event', message: summarizeProblems(event.problems) },
        atsId: ats.id,
        envelope: parsed.ok ? parsed.value : undefined,
      });
      throw new RefusedError(error);
    }
    const acceptance = await acceptor.accept({
      ats,
      via: 'in-process',
      event: envelop(event.value),
      request,
    });
    if (!acceptance.ok) throw new RefusedError(acceptance.error);
    const { referenceId: reference_id, duplicate } = acceptance;
    return { reference_id, event_id: event.value.event_id, duplicate };
  }

  return {
    requireOpen,
    /**
     * Accepts or refuses these bytes as a webhook of this ATS would be, past HTTP and signature, and logs either.
     *
     * @throws RefusedError
     */
    async send(ats: Ats, body: Buffer): Promise<Sent> {
      if (body.length > MAX_BODY_BYTES) throw refused('body_too_large');
      requireOpen();
      return await gate.during(() => accept(ats, body));
    },
  };
}
