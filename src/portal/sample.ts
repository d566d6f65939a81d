import type { WorkspaceView } from '../contract/control.ts';
import type { EventDirection, IncomingEventName, OutgoingEventName } from '../contract/event-names.ts';
import { incomingSample, outgoingSample } from '../contract/samples.ts';

/** A sample of an event as text, with fresh ids and of this workspace. */
export function sampleOf(
  direction: EventDirection,
  event: string,
  workspace: WorkspaceView | undefined,
): string {
  const client = workspace ? { client_id: workspace.client_id } : {};
  if (direction === 'outgoing') {
    const sample = outgoingSample(event as OutgoingEventName);
    return format({ ...sample, ...client, event_id: newId('evt'), reference_id: newId('ref') });
  }
  const sample = incomingSample(event as IncomingEventName);
  const member = workspace?.members[0];
  // A sample that makes a workspace must not name one that is there.
  const own =
    event === 'workspace.created' ? {} : { ...client, ...(member ? { user_id: member.user_id } : {}) };
  return format({ ...sample, ...own, event_id: newId('evt') });
}

function format(value: object): string {
  return JSON.stringify(value, null, 2);
}

function newId(kind: string): string {
  return `${kind}-${crypto.randomUUID()}`;
}
