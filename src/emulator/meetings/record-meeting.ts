import { refused } from '../../contract/errors.ts';
import type { OutgoingEventName } from '../../contract/event-names.ts';
import type { MeetingRequest, MeetingView } from '../../contract/meeting.ts';
import { newId, newReferenceId } from '../ids.ts';
import type { LiveFeed } from '../live-feed.ts';
import type { Outbox } from '../outgoing/outbox.ts';
import { type EntityKind, getEntity, readEntity } from '../store/entities.ts';
import type { Store } from '../store/store.ts';
import { getWorkspaceStatus, listMembers, listWorkspaces } from '../store/workspaces.ts';
import { inventConversation } from './conversation.ts';
import { meetingFacts } from './facts.ts';
import { renderTranscript, summarize, writeNotes } from './outputs.ts';
import { parseTranscript } from './transcript.ts';

type RecordedMeeting = Omit<MeetingView, 'version'>;
type Asked = Omit<MeetingRequest, 'ats_id'>;

/** Meetings are recorded by Carv's bot, outside the API; here somebody makes one happen. */
export type Meetings = ReturnType<typeof createMeetings>;

export interface MeetingParts {
  store: Store;
  liveFeed: LiveFeed;
  enqueue: Outbox['enqueue'];
  /** Called after the transaction. */
  onEnqueued(atsId: string): void;
}

type Data = Record<string, unknown>;

const KINDS = ['application', 'candidate', 'vacancy'] as const;

export function createMeetings(parts: MeetingParts) {
  const { store, liveFeed } = parts;

  return {
    /**
     * Records a meeting and stores its three events in one transaction. When the promise resolves, they
     * are durable.
     *
     * @throws RefusedError when an id is unknown, ids contradict each other, or nobody says anything.
     */
    async record(atsId: string, request: Asked): Promise<RecordedMeeting> {
      const meeting = await store.group.submit(() => recordInTransaction(atsId, request));
      const { meeting_id, client_id } = meeting;
      parts.onEnqueued(atsId);
      for (const { reference_id } of meeting.events) liveFeed.touch(reference_id);
      liveFeed.publish(() => ({
        type: 'notice',
        level: 'info',
        text: `meeting ${meeting_id} of ${client_id} is recorded: transcript, summary and notes follow`,
      }));
      return meeting;
    },
  };

  function recordInTransaction(atsId: string, request: Asked): RecordedMeeting {
    const clientId = workspaceOf(atsId, request);
    const { ids, candidate, vacancy } = resolveRefs(atsId, clientId, request);
    const recruiter = listMembers(store, atsId, clientId)[0]?.name ?? null;
    const facts = meetingFacts(recruiter, candidate, vacancy);
    const invented = request.transcript === undefined;
    const turns = invented ? inventConversation(facts) : parseTranscript(request.transcript!);
    if (turns.length === 0) throw refused('validation', 'The transcript has no words');

    const meetingId = newId('mtg');
    const outputs: [OutgoingEventName, Data][] = [
      ['meeting.transcript_ready', { transcript: renderTranscript(turns) }],
      ['meeting.summary_ready', { summary: summarize(facts, turns, invented) }],
      ['meeting.notes_ready', { notes: writeNotes(facts, turns, invented) }],
    ];
    let follows: number | undefined;
    const events = outputs.map(([event, output]) => {
      const reference_id = newReferenceId();
      const { seq, id, event_id } = parts.enqueue({
        source: { ats_id: atsId, client_id: clientId, reference_id },
        event,
        error: null,
        data: { meeting_id: meetingId, ...known(ids), ...output },
        follows,
      });
      follows = seq;
      return { event, event_id, reference_id, delivery_id: id };
    });
    return { meeting_id: meetingId, ats_id: atsId, client_id: clientId, ...ids, events };
  }

  /**
   * The one that is named; else the only one, or the only one that has what the meeting is about.
   *
   * @throws RefusedError when it is unknown, still provisioning, or not named where there are several.
   */
  function workspaceOf(atsId: string, request: Asked): string {
    let all = listWorkspaces(store).filter((row) => row.ats_id === atsId);
    const given = request.client_id;
    if (given === undefined && all.length > 1) {
      const holders = all.filter((row) => holdsAll(atsId, row.client_id, request));
      if (holders.length === 1) all = holders;
      if (holders.length === 0) throw refused('entity_not_found', `No workspace has ${naming(request)}`);
    }
    if (given === undefined && all.length !== 1) {
      const names = all.slice(0, 10).map((row) => row.client_id);
      throw refused(
        'workspace_not_found',
        all.length === 0
          ? 'There is no workspace yet'
          : `Say which workspace with client_id: ${names.join(', ')}`,
      );
    }
    const clientId = given ?? all[0]!.client_id;
    const status = getWorkspaceStatus(store, atsId, clientId);
    if (status === undefined) throw refused('workspace_not_found', `There is no workspace ${clientId}`);
    if (status === 'provisioning') throw refused('workspace_provisioning');
    return clientId;
  }

  function naming(request: Asked): string {
    return KINDS.filter((kind) => request[`${kind}_id`] !== undefined)
      .map((kind) => `${kind} ${request[`${kind}_id`]}`)
      .join(' and ');
  }

  function holdsAll(atsId: string, clientId: string, request: Asked): boolean {
    return KINDS.every((kind) => {
      const id = request[`${kind}_id`];
      return id === undefined || getEntity(store, atsId, clientId, kind, id) !== undefined;
    });
  }

  function resolveRefs(atsId: string, clientId: string, request: Asked) {
    const read = (kind: EntityKind, id: string): Data | null =>
      readEntity(store, atsId, clientId, kind, id) ?? null;
    const require = (kind: EntityKind, id: string): Data => {
      const data = read(kind, id);
      if (data === null) throw refused('entity_not_found', `There is no ${kind} ${id} in ${clientId}`);
      return data;
    };
    const { application_id: applicationId } = request;
    const application = applicationId === undefined ? null : require('application', applicationId);
    const link = (kind: 'candidate' | 'vacancy'): { id: string | null; data: Data | null } => {
      const given = request[`${kind}_id`];
      const linked = application === null ? undefined : String(application[`${kind}_id`]);
      if (given !== undefined && linked !== undefined && given !== linked) {
        throw refused('validation', `The application is of ${kind} ${linked}, not of ${given}`);
      }
      if (given !== undefined) return { id: given, data: require(kind, given) };
      // What an application refers to may have been deleted since; its id is known all the same.
      return linked === undefined ? { id: null, data: null } : { id: linked, data: read(kind, linked) };
    };
    const candidate = link('candidate');
    const vacancy = link('vacancy');
    return {
      ids: { application_id: applicationId ?? null, vacancy_id: vacancy.id, candidate_id: candidate.id },
      candidate: candidate.data,
      vacancy: vacancy.data,
    };
  }
}

/** Only what is known stands in the event (contract, section 5). */
function known(ids: Record<string, string | null>): Data {
  return Object.fromEntries(Object.entries(ids).filter(([, id]) => id !== null));
}
