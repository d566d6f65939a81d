import { isLosslessNumber } from 'lossless-json';
import type { EnvelopedEvent } from '../../contract/incoming.ts';
import { isRecord } from '../../contract/is-record.ts';
import type { EntityKind } from '../store/entities.ts';

type Data = Record<string, unknown>;

/** Which entity an event is about, and which it refers to. */
export interface EntityRefs {
  kind: EntityKind;
  id: string;
  action: 'created' | 'updated' | 'deleted';
}

/** `null` for workspace events. */
export function entityRefsOf(event: EnvelopedEvent): EntityRefs | null {
  const [kind, action] = event.event.split('.') as [string, EntityRefs['action']];
  if (kind === 'workspace') return null;
  const id = event.payload[`${kind}_id`] as string;
  return { kind: kind as EntityKind, id, action };
}

/**
 * The entity after the event: the payload for `created`, merged into what there was for `updated`
 * (JSON merge patch, RFC 7396; contract, section 4), what there was for `deleted`.
 *
 * @returns `null` when an update or deletion has nothing to work on.
 */
export function applyEvent(event: EnvelopedEvent, refs: EntityRefs, before: Data | null): Data | null {
  const fields: Data = event.payload;
  if (refs.action === 'created') return fields;
  if (before === null) return null;
  return refs.action === 'deleted' ? before : (mergePatch(before, fields) as Data);
}

/** RFC 7396, section 2. Its input is never changed. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result: Data = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}

function isObject(value: unknown): value is Data {
  return isRecord(value) && !isLosslessNumber(value);
}
