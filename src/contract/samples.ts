import inApplicationCreated from '../../fixtures/events/incoming/application.created.json' with {
  type: 'json',
};
import inApplicationDeleted from '../../fixtures/events/incoming/application.deleted.json' with {
  type: 'json',
};
import inApplicationUpdated from '../../fixtures/events/incoming/application.updated.json' with {
  type: 'json',
};
import inCandidateCreated from '../../fixtures/events/incoming/candidate.created.json' with { type: 'json' };
import inCandidateDeleted from '../../fixtures/events/incoming/candidate.deleted.json' with { type: 'json' };
import inCandidateUpdated from '../../fixtures/events/incoming/candidate.updated.json' with { type: 'json' };
import inVacancyCreated from '../../fixtures/events/incoming/vacancy.created.json' with { type: 'json' };
import inVacancyDeleted from '../../fixtures/events/incoming/vacancy.deleted.json' with { type: 'json' };
import inVacancyUpdated from '../../fixtures/events/incoming/vacancy.updated.json' with { type: 'json' };
import inWorkspaceCreated from '../../fixtures/events/incoming/workspace.created.json' with { type: 'json' };
import inWorkspaceMemberAdded from '../../fixtures/events/incoming/workspace.member_added.json' with {
  type: 'json',
};
import outApplicationCreated from '../../fixtures/events/outgoing/application.created.json' with {
  type: 'json',
};
import outApplicationDeleted from '../../fixtures/events/outgoing/application.deleted.json' with {
  type: 'json',
};
import outApplicationUpdated from '../../fixtures/events/outgoing/application.updated.json' with {
  type: 'json',
};
import outCandidateCreated from '../../fixtures/events/outgoing/candidate.created.json' with { type: 'json' };
import outCandidateDeleted from '../../fixtures/events/outgoing/candidate.deleted.json' with { type: 'json' };
import outCandidateUpdated from '../../fixtures/events/outgoing/candidate.updated.json' with { type: 'json' };
import outMeetingNotesReady from '../../fixtures/events/outgoing/meeting.notes_ready.json' with {
  type: 'json',
};
import outMeetingSummaryReady from '../../fixtures/events/outgoing/meeting.summary_ready.json' with {
  type: 'json',
};
import outMeetingTranscriptReady from '../../fixtures/events/outgoing/meeting.transcript_ready.json' with {
  type: 'json',
};
import outVacancyCreated from '../../fixtures/events/outgoing/vacancy.created.json' with { type: 'json' };
import outVacancyDeleted from '../../fixtures/events/outgoing/vacancy.deleted.json' with { type: 'json' };
import outVacancyUpdated from '../../fixtures/events/outgoing/vacancy.updated.json' with { type: 'json' };
import outWorkspaceMemberAdded from '../../fixtures/events/outgoing/workspace.member_added.json' with {
  type: 'json',
};
import outWorkspaceProvisioned from '../../fixtures/events/outgoing/workspace.provisioned.json' with {
  type: 'json',
};
import type { IncomingEventName, OutgoingEventName } from './event-names.ts';
import type { IncomingEventMap } from './incoming.ts';
import type { OutgoingBody, OutgoingDataMap } from './outgoing.ts';

/**
 * One realistic sample of every event: a Dutch staffing firm, synthetic people, the same ids throughout.
 */

const INCOMING: { [N in IncomingEventName]: unknown } = {
  'candidate.created': inCandidateCreated,
  'candidate.updated': inCandidateUpdated,
  'candidate.deleted': inCandidateDeleted,
  'vacancy.created': inVacancyCreated,
  'vacancy.updated': inVacancyUpdated,
  'vacancy.deleted': inVacancyDeleted,
  'application.created': inApplicationCreated,
  'application.updated': inApplicationUpdated,
  'application.deleted': inApplicationDeleted,
  'workspace.created': inWorkspaceCreated,
  'workspace.member_added': inWorkspaceMemberAdded,
};

const OUTGOING: { [N in OutgoingEventName]: unknown } = {
  'candidate.created': outCandidateCreated,
  'candidate.updated': outCandidateUpdated,
  'candidate.deleted': outCandidateDeleted,
  'vacancy.created': outVacancyCreated,
  'vacancy.updated': outVacancyUpdated,
  'vacancy.deleted': outVacancyDeleted,
  'application.created': outApplicationCreated,
  'application.updated': outApplicationUpdated,
  'application.deleted': outApplicationDeleted,
  'workspace.provisioned': outWorkspaceProvisioned,
  'workspace.member_added': outWorkspaceMemberAdded,
  'meeting.transcript_ready': outMeetingTranscriptReady,
  'meeting.summary_ready': outMeetingSummaryReady,
  'meeting.notes_ready': outMeetingNotesReady,
};

/** A sample of what an ATS sends; a fresh copy each time. */
export function incomingSample<N extends IncomingEventName>(event: N): IncomingEventMap[N] {
  return structuredClone(INCOMING[event]) as IncomingEventMap[N];
}

/** A sample of what CarvOS sends; a fresh copy each time, keys in the documented order. */
export function outgoingSample<N extends OutgoingEventName>(
  event: N,
): OutgoingBody & { event: N; data: OutgoingDataMap[N] } {
  return structuredClone(OUTGOING[event]) as OutgoingBody & { event: N; data: OutgoingDataMap[N] };
}
