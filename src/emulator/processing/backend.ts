import type { IncomingEventName } from '../../contract/event-names.ts';

/** An entity as the gateway holds it after the event was applied to it. */
export interface EntityState {
  id: string;
  /** Field names of the wire. Unknown extra fields are kept. */
  data: Record<string, unknown>;
}

/** The CV of a job. */
export interface AiCv {
  file_name: string;
  content_type: string;
  /** Bytes. */
  size: number;
  /** Why its text could not be read, or `null`. */
  problem: string | null;
}

/** One piece of work for the AI: an accepted event with everything it refers to. */
export interface AiJob {
  id: string;
  reference_id: string;
  event: IncomingEventName;
  ats_id: string;
  client_id: string;
  user_id: string | null;
  /** The candidate, vacancy or application; `null` for workspace events. */
  entity: EntityState | null;
  /** For applications: what they link. `null` when it does not exist. */
  candidate: EntityState | null;
  vacancy: EntityState | null;
  /** The request body, parsed. */
  request: Record<string, unknown>;
  /** Text of the CV, where one was given and could be read. */
  cv_text: string | null;
  /** That CV: the application's, otherwise the candidate's. */
  cv?: AiCv | null;
}

export type AiResult =
  | { kind: 'result'; data: Record<string, unknown> }
  | { kind: 'failure'; error: { code: string; message: string } }
  /** The AI gives no result: no outgoing event follows. */
  | { kind: 'nothing' };

/** Whatever answers jobs: the stub, rules, a proxied service, recordings. */
export interface AiBackend {
  /**
   * @param signal aborted when the emulator stops; the job is then run again after the next start.
   */
  process(job: AiJob, signal: AbortSignal): Promise<AiResult>;
}
