/** Every event name, by direction. The same name can exist in both (contract, sections 3 and 5). */

const ENTITY_EVENTS = [
  'candidate.created',
  'candidate.updated',
  'candidate.deleted',
  'vacancy.created',
  'vacancy.updated',
  'vacancy.deleted',
  'application.created',
  'application.updated',
  'application.deleted',
] as const;

export const INCOMING_EVENTS = [...ENTITY_EVENTS, 'workspace.created', 'workspace.member_added'] as const;

export const OUTGOING_EVENTS = [
  ...ENTITY_EVENTS,
  'workspace.provisioned',
  'workspace.member_added',
  'meeting.transcript_ready',
  'meeting.summary_ready',
  'meeting.notes_ready',
] as const;

/** Every name once. */
export const ALL_EVENTS: readonly string[] = [...new Set<string>([...INCOMING_EVENTS, ...OUTGOING_EVENTS])];

export type IncomingEventName = (typeof INCOMING_EVENTS)[number];
export type OutgoingEventName = (typeof OUTGOING_EVENTS)[number];

/** Which way an event travels: `incoming` from the ATS to CarvOS, `outgoing` back. */
export const EVENT_DIRECTIONS = ['incoming', 'outgoing'] as const;
export type EventDirection = (typeof EVENT_DIRECTIONS)[number];

/** How a direction is written wherever an event is shown to a person. */
export const DIRECTION_LABEL: Record<EventDirection, string> = {
  incoming: 'incoming (ATS → CarvOS)',
  outgoing: 'outgoing (CarvOS → ATS)',
};
