import { v7 as uuidV7 } from 'uuid';
import type { IncomingEventName, OutgoingEventName } from '../../contract/event-names.ts';
import { formatTimestamp } from '../../contract/outgoing-headers.ts';
import { incomingSample, outgoingSample } from '../../contract/samples.ts';

// For the page as well: nothing of Node.

/** An ATS, as far as its events tell of it. */
export interface Sender {
  workspaces: readonly { clientId: string; members: readonly { userId: string }[] }[];
}

/** An incoming event as this ATS would send it now: its own first workspace, a fresh `event_id`. */
export function freshIncoming(event: string, ats: Sender): Record<string, unknown> {
  const body: Record<string, unknown> = incomingSample(event as IncomingEventName);
  body.event_id = `evt-${uuidV7()}`;
  // Whoever sends must be a member.
  const workspace = ats.workspaces.find(({ members }) => members.length > 0) ?? ats.workspaces[0];
  const member = workspace?.members[0];
  if (workspace === undefined) return body;
  if (event === 'workspace.created') {
    // One that is there already would be refused.
    if (ats.workspaces.some(({ clientId }) => clientId === body.client_id))
      body.client_id = `${body.client_id}-${uuidV7().slice(-8)}`;
    return body;
  }
  body.client_id = workspace.clientId;
  if (member !== undefined) body.user_id = member.userId;
  return body;
}

/** What is another one in each outgoing event. */
export function freshIds() {
  return {
    event_id: `evt_${uuidV7().replaceAll('-', '')}`,
    reference_id: uuidV7(),
    timestamp: formatTimestamp(Date.now()),
  };
}

/**
 * An outgoing event as CarvOS would send it now, caused by nothing: fresh ids and time.
 *
 * @param sample what it is made of, where that is not the sample of our documents.
 */
export function freshOutgoing(
  event: string,
  ats: Sender,
  sample: object = outgoingSample(event as OutgoingEventName),
): Record<string, unknown> {
  const body: Record<string, unknown> = { ...sample, ...freshIds() };
  const workspace = ats.workspaces[0];
  if (workspace !== undefined) body.client_id = workspace.clientId;
  return body;
}
