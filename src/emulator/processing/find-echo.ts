import { isDeepStrictEqual } from 'node:util';
import type { FoundEcho } from '../../contract/control.ts';
import type { Facts } from '../../contract/facts/facts.ts';
import type { EnvelopedEvent } from '../../contract/incoming.ts';
import { parseJson } from '../../contract/json.ts';
import { getDeliveryBody } from '../store/deliveries.ts';
import { echoDepthOf, findReached, lastEventOf } from '../store/echoes.ts';
import { type EventRow, getEvent } from '../store/events.ts';
import type { Store } from '../store/store.ts';
import { type EntityRefs, mergePatch } from './apply-event.ts';
import { eventOf } from './source-event.ts';

/** A request that brings back what was delivered. */
export interface Echo {
  /** `seq` of the event that led to what was delivered. */
  of: number;
  /** Its reference. */
  reference_id: string;
  /** 1 for the first that came back, and one more with each that follows from it. */
  depth: number;
}

export interface EchoParts {
  store: Store;
  facts(): Facts | undefined;
}

type Data = Record<string, unknown>;

/** Fields that say when or how often something was saved: they differ each time, and change nothing. */
const BOOKKEEPING =
  /^(?:version|revision|etag|rev)$|^(?:last_?)?(?:updated|modified|changed|synced|saved)(?:_?(?:at|on|by|time|date))?$/i;

/**
 * Whether an update brings back just what was delivered: it is the next event of its entity after the one that led
 * to the delivery, it came after the delivery began, and delivered data with its fields merged in is still the same.
 * An update on purpose changes a value, so it is none.
 *
 * It continues the chain of the event before it only with that one's fields. A user who takes over what CarvOS
 * suggests, one field after the other, sends other fields each time. Where it continues one, its data had been delivered
 * before: a delivery that came twice is echoed twice, and the second echo may overtake what the first leads to.
 *
 * Jobs of one entity run in order of acceptance: what is stored now came from the event before this one.
 */
export function findEcho(
  { store, facts }: EchoParts,
  source: EventRow,
  event: EnvelopedEvent,
  refs: EntityRefs | null,
): Echo | null {
  if (refs?.action !== 'updated') return null;
  const fields = fieldsOf(event, refs);
  const names = Object.keys(fields);
  const last = lastEventOf(store, source.ats_id, source.client_id, refs.kind, refs.id);
  if (names.length === 0 || last === undefined || last >= source.seq) return null;
  const before = getEvent(store, last);
  if (!before) return null;
  const depth = echoDepthOf(store, last);
  const known = depth === 0 ? {} : fieldsOf(eventOf(before, facts()), refs);
  const goesOn = depth > 0 && names.every((name) => Object.hasOwn(known, name));
  const delivery = findReached(store, before.reference_id, goesOn ? null : source.received_at);
  if (delivery === undefined) return null;
  const delivered = dataOf(getDeliveryBody(store, delivery));
  if (delivered === null || !isDeepStrictEqual(mergePatch(delivered, fields), delivered)) return null;
  return { of: last, reference_id: before.reference_id, depth: goesOn ? depth + 1 : 1 };
}

/** How the live feed tells it. */
export function describeEcho({ ats_id }: EventRow, { kind, id }: EntityRefs, echo: Echo): FoundEcho {
  return { depth: echo.depth, of: echo.reference_id, ats_id, kind, id };
}

function fieldsOf(event: EnvelopedEvent, refs: EntityRefs): Data {
  return Object.fromEntries(
    Object.entries(event.payload).filter(([name]) => name !== `${refs.kind}_id` && !BOOKKEEPING.test(name)),
  );
}

/** `data` of an outgoing event that succeeded. */
function dataOf(body: Uint8Array): Data | null {
  const parsed = parseJson(body);
  const { status, data } = (parsed.ok ? parsed.value : {}) as { status?: unknown; data?: Data };
  return status === 'success' && typeof data === 'object' ? data : null;
}
