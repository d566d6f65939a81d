import * as z from 'zod';
import { versioned } from './control/basics.ts';
import { Id, Text } from './entities.ts';

/** Longest transcript that is taken, in characters: hours of talk, and still a webhook that can be received. */
const MAX_TRANSCRIPT_LENGTH = 500_000;

/** Makes a meeting happen. Every id must exist; an application brings its candidate and vacancy. */
export const MeetingRequest = z.strictObject({
  ats_id: z.string().optional(),
  /** The workspace; may be left out where there is one only, or one only that has the entities named. */
  client_id: Id.optional(),
  application_id: Id.optional(),
  candidate_id: Id.optional(),
  vacancy_id: Id.optional(),
  /** `Speaker: words` lines, WebVTT or SRT. Without one a conversation is made up. */
  transcript: Text.max(MAX_TRANSCRIPT_LENGTH).optional(),
});
export type MeetingRequest = z.infer<typeof MeetingRequest>;

/** A meeting that happened: three independent outgoing events, in the order of their first attempts. */
export const MeetingView = versioned({
  meeting_id: z.string(),
  ats_id: z.string(),
  client_id: z.string(),
  application_id: z.string().nullable(),
  candidate_id: z.string().nullable(),
  vacancy_id: z.string().nullable(),
  events: z.array(
    z.object({
      event: z.string(),
      event_id: z.string(),
      reference_id: z.string(),
      delivery_id: z.string(),
    }),
  ),
});
export type MeetingView = z.infer<typeof MeetingView>;
