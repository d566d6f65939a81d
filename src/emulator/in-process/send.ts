import { randomUUID } from 'node:crypto';
import { refused } from '../../contract/errors.ts';
import { INCOMING_EVENTS, type IncomingEventName } from '../../contract/event-names.ts';
import type { IncomingEventMap } from '../../contract/incoming.ts';
import { stringifyJson } from '../../contract/json.ts';
import { findContradictions } from '../../contract/problems.ts';
import { incomingSample } from '../../contract/samples.ts';
import type { Ats, AtsRegistry } from '../ats/registry.ts';
import type { Sent, TrustedDoor } from '../incoming/trusted-door.ts';
import type { Store } from '../store/store.ts';
import { listMembers, listWorkspaces } from '../store/workspaces.ts';

/** Without the index signature of objects that take unknown fields, which would hide the known ones. */
type Known<T> = { [K in keyof T as string extends K ? never : K]: T[K] };

/** An incoming event; what every event carries is filled in where it is left out. */
export type Sendable = {
  [N in IncomingEventName]: Omit<
    Known<IncomingEventMap[N]>,
    'event' | 'event_id' | 'client_id' | 'user_id'
  > & {
    event: N;
    event_id?: string;
    client_id?: string;
    user_id?: string;
    [field: string]: unknown;
  };
}[IncomingEventName];

/** Who sends. */
export interface SendOptions {
  /** The first ATS by default. */
  atsId?: string;
}

/** Sends an incoming event past HTTP and signature. */
export interface EmulatorSend {
  /** Sends a sample of an event, with these fields in place of the sample's. */
  <N extends IncomingEventName>(
    event: N,
    fields?: Partial<IncomingEventMap[N]>,
    options?: SendOptions,
  ): Promise<Sent>;
  /** Sends this event, without a signature: who calls is trusted. */
  (event: Sendable, options?: SendOptions): Promise<Sent>;
}

export interface SendParts {
  store: Store;
  registry: AtsRegistry;
  door: TrustedDoor;
  /** The ATS that is meant where none is named. */
  firstAtsId(): string | undefined;
}

/** Goes through the same door as HTTP does. */
export function createSend(parts: SendParts): EmulatorSend {
  const { store, registry, door } = parts;

  /** What every event carries, of the ATS's first workspace. */
  function complete(ats: Ats, event: Record<string, unknown>): Record<string, unknown> {
    const workspace = listWorkspaces(store).find((one) => one.ats_id === ats.id);
    const member = workspace && listMembers(store, ats.id, workspace.client_id)[0];
    const base = {
      event_id: `evt-${randomUUID()}`,
      ...(workspace ? { client_id: workspace.client_id } : {}),
      ...(member ? { user_id: member.user_id } : {}),
    };
    return { ...base, ...event };
  }

  function fromSample(ats: Ats, name: IncomingEventName, fields: object): Record<string, unknown> {
    // From JavaScript any name comes; what there is not is refused as over HTTP.
    if (!INCOMING_EVENTS.includes(name)) return complete(ats, { event: name, ...fields });
    const { event_id: _id, client_id, user_id, ...sample } = incomingSample(name);
    // A sample that makes a workspace must not name one that is there.
    const own = name === 'workspace.created' ? { client_id, user_id } : {};
    return complete(ats, { ...sample, ...own, ...fields });
  }

  return (async (event: IncomingEventName | Sendable, second: object = {}, third: SendOptions = {}) => {
    // What is filled in stands in the database, which may be closed.
    door.requireOpen();
    const byName = typeof event === 'string';
    const { atsId } = byName ? third : (second as SendOptions);
    const ats = registry.get(atsId ?? parts.firstAtsId() ?? '');
    if (!ats) throw refused('unknown_ats');
    const problems = byName ? findContradictions(second, { event: { by: 'the call', value: event } }) : [];
    if (problems.length > 0) throw refused('validation', problems);
    const body = byName ? fromSample(ats, event, second) : complete(ats, { ...event });
    return await door.send(ats, Buffer.from(stringifyJson(body)));
  }) as EmulatorSend;
}
