import type { OutgoingEventName } from '../../contract/event-names.ts';
import { showEvent } from '../../contract/facts/apply-facts.ts';
import { stringifyJson } from '../../contract/json.ts';
import { buildOutgoing } from '../../contract/outgoing.ts';
import { MAX_STEPS } from '../../contract/retry-schedule.ts';
import { assumedByOutgoing } from '../assumptions/rules.ts';
import { newId } from '../ids.ts';
import { insertDelivery, type NewDelivery } from '../store/deliveries.ts';
import { wallNow } from '../time/wall.ts';
import type { OutgoingParts } from './parts.ts';

/** An event to the ATS, not yet stored. */
export interface NewOutgoing {
  source: { ats_id: string; client_id: string; reference_id: string };
  event: OutgoingEventName;
  error: { code: string; message: string } | null;
  data: Record<string, unknown>;
  /** First attempted after the first attempt of that delivery, by its `seq`. */
  follows?: number;
}

/** A test event, as the portal sends one: its bytes, and what of them stands in the headers. */
export type NewTestEvent = Pick<
  NewDelivery,
  'ats_id' | 'client_id' | 'reference_id' | 'event' | 'event_id' | 'body'
>;

/** How outgoing events come to be. */
export type Outbox = ReturnType<typeof createOutbox>;

export function createOutbox(parts: OutgoingParts) {
  const { store, clock } = parts;
  return {
    /** Stores an event, of a finished job say, with its delivery, due now. Inside the caller's transaction. */
    enqueue({ source, event, error, data, follows }: NewOutgoing) {
      const createdAt = wallNow();
      const id = newId('dlv');
      const body = buildOutgoing({
        event,
        event_id: newId('evt'),
        reference_id: source.reference_id,
        client_id: source.client_id,
        timestamp: createdAt,
        error,
        data,
      });
      const seq = insertDelivery(store, {
        id,
        ats_id: source.ats_id,
        client_id: source.client_id,
        reference_id: source.reference_id,
        event,
        event_id: body.event_id,
        lane: source.ats_id,
        max_steps: MAX_STEPS,
        due: clock.now(),
        test: false,
        replay_of: null,
        target_url: null,
        fixed_signature: null,
        follows,
        created_at: createdAt,
        body: Buffer.from(stringifyJson(showEvent(parts.facts(), body))),
      });
      for (const id of assumedByOutgoing(event, error)) parts.note(id, source.reference_id);
      return { seq, id, event_id: body.event_id };
    },

    /** Stores a test event: one attempt, due now. Inside the caller's transaction. Returns the delivery's id. */
    enqueueTest(test: NewTestEvent): string {
      const id = newId('dlv');
      insertDelivery(store, {
        ...test,
        id,
        lane: test.ats_id,
        max_steps: 1,
        due: clock.now(),
        test: true,
        replay_of: null,
        target_url: null,
        fixed_signature: null,
        created_at: wallNow(),
      });
      return id;
    },
  };
}
