import type { EventDirection, IncomingEventName, OutgoingEventName } from '../../contract/event-names.ts';

/** What each event means, in a line. */
export const EVENT_SUMMARIES: Record<EventDirection, Record<string, string>> = {
  incoming: {
    'candidate.created': 'a candidate is new in your ATS',
    'candidate.updated': 'fields of a candidate changed',
    'candidate.deleted': 'a candidate is gone',
    'vacancy.created': 'a vacancy is new',
    'vacancy.updated': 'fields of a vacancy changed',
    'vacancy.deleted': 'a vacancy is gone',
    'application.created': 'a candidate applied to a vacancy',
    'application.updated': 'fields of an application changed',
    'application.deleted': 'an application is gone',
    'workspace.created': 'a client of yours needs a workspace',
    'workspace.member_added': 'a user joins a workspace',
  },
  outgoing: {
    'candidate.created': 'the normalized profile of a new candidate',
    'candidate.updated': 'the normalized profile after a change',
    'candidate.deleted': 'a deletion is confirmed',
    'vacancy.created': 'the normalized vacancy',
    'vacancy.updated': 'the normalized vacancy after a change',
    'vacancy.deleted': 'a deletion is confirmed',
    'application.created': 'the application with its AI score',
    'application.updated': 'the application after a change',
    'application.deleted': 'a deletion is confirmed',
    'workspace.provisioned': 'the workspace is ready: requests for it work from now on',
    'workspace.member_added': 'the member was added',
    'meeting.transcript_ready': 'transcript of a meeting, HTML',
    'meeting.summary_ready': 'summary in five sentences, plain text',
    'meeting.notes_ready': 'structured notes, Markdown',
  },
} satisfies { incoming: Record<IncomingEventName, string>; outgoing: Record<OutgoingEventName, string> };
