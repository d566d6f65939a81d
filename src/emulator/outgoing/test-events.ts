import { Id } from '../../contract/entities.ts';
import { refused } from '../../contract/errors.ts';
import { parseJson } from '../../contract/json.ts';
import { MAX_BODY_BYTES } from '../../contract/limits.ts';
import { getDelivery } from '../store/deliveries.ts';
import { getLog } from '../store/log.ts';
import type { NewTestEvent } from './outbox.ts';
import type { OutgoingParts } from './parts.ts';

/** How long somebody waits for a receiver that may take for ever; wall milliseconds. */
const LONGEST_WAIT_MS = 30_000;

/** Test events, as the portal sends them: real in everything, marked, one attempt (contract, section 5). */
export type TestEvents = ReturnType<typeof createTestEvents>;

export interface TestEventParts extends OutgoingParts {
  enqueue(test: NewTestEvent): string;
  onEnqueued(atsId: string): void;
}

export function createTestEvents(parts: TestEventParts) {
  const { store, liveFeed } = parts;
  return {
    /**
     * Stores a test event and waits for its attempt, up to 30 seconds.
     *
     * @throws RefusedError when the body is no event with the fields that the headers need.
     */
    async send(atsId: string, body: Uint8Array, signal: AbortSignal) {
      if (body.length > MAX_BODY_BYTES) throw refused('body_too_large');
      const names = readNames(body);
      if (typeof names === 'string') throw refused('validation', names);
      const deliveryId = await store.group.submit(() => parts.enqueue({ ...names, ats_id: atsId, body }));
      let location: string | null = null;
      // The log does not keep it.
      const unsubscribe = liveFeed.subscribe((entry) => {
        if (entry.type === 'attempt.finished' && entry.record.delivery_id === deliveryId)
          location = entry.location ?? null;
      });
      parts.onEnqueued(atsId);
      liveFeed.touch(names.reference_id);
      // Until it was made, or is no more.
      const made = () => getLog(store, deliveryId, 1) ?? (getDelivery(store, deliveryId) ? undefined : null);
      await liveFeed.waitFor(names.reference_id, made, LONGEST_WAIT_MS, signal).finally(unsubscribe);
      return { deliveryId, location };
    },
  };
}

/** The fields that stand in headers and in the log, or what is wrong with them. */
function readNames(body: Uint8Array) {
  const parsed = parseJson(body);
  if (!parsed.ok) return `The body is not JSON: ${parsed.problem.msg}`;
  const value = parsed.value as Record<string, unknown> | null;
  const read = (name: string) => {
    const text = typeof value === 'object' && value !== null ? value[name] : undefined;
    return Id.safeParse(text).success ? (text as string) : null;
  };
  const names = {
    event: read('event'),
    event_id: read('event_id'),
    reference_id: read('reference_id'),
    client_id: read('client_id'),
  };
  for (const [name, text] of Object.entries(names)) {
    if (text === null) return `The body needs a text ${name}`;
  }
  // HTTP carries these two in headers.
  for (const name of ['event', 'reference_id'] as const) {
    if (!/^[\x21-\x7e]+$/.test(names[name]!)) return `${name} must be printable ASCII`;
  }
  return names as Record<keyof typeof names, string>;
}
