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
  /** The upload. */
  file_id: string;
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

/** One time that the AI was asked, whoever it was. */
export interface AiAttempt {
  /** Counts the times that the job was run: 1, and one more with every re-run. */
  run: number;
  /** From 1 in each run. */
  number: number;
  /** `stub`, `rule NAME`, `module`, `service`, `service (callback)`, `recording`; `none` where a fault took its place. */
  backend: string;
  /** Wall time. */
  started_at: number;
  duration_ms: number;
  /** `interrupted`: the gateway stopped before there was an answer. */
  outcome: 'answered' | 'failed' | 'interrupted';
  /** HTTP status, where there was one. */
  status: number | null;
  error: { code: string; message: string } | null;
  /** The fault that was applied. */
  fault: string | null;
}

/** What goes with a job into the AI, and what comes out besides its result. */
export interface AiRun {
  run: number;
  /** The incoming `event_id`, for faults. */
  incomingId: string;
  /** Number of the first attempt: a job that was interrupted counts on. */
  firstNumber: number;
  /**
   * Called before somebody outside of the gateway is asked, with the attempt as it is should the gateway
   * die meanwhile. Resolves when that is durable.
   */
  onAsking(attempt: AiAttempt): Promise<unknown>;
  /** Called after each attempt. */
  onAttempt(attempt: AiAttempt): void;
}

/** Runs jobs at the AI backend that is set. */
export interface AiRunner {
  /**
   * @param signal aborted when the emulator stops; the job is then run again after the next start.
   */
  process(job: AiJob, signal: AbortSignal, run: AiRun): Promise<AiResult>;
}

/** What one attempt came to. */
export type AiAnswered =
  | AiResult
  /** Answered, but not as the contract says. */
  | { kind: 'bad'; message: string }
  /** An HTTP status that is no answer. */
  | { kind: 'status'; status: number; retryAfterMs: number | null }
  /** No connection, or it broke. */
  | { kind: 'lost'; message: string }
  | { kind: 'timeout'; message: string }
  /** It cannot answer: a module that does not load, a recording that is not there. */
  | { kind: 'unable'; code: string; message: string };

/** @param by who is asked. */
export type Asking = (by: string) => Promise<unknown>;

/** One job at one AI backend, over all its attempts. */
export interface AiSession {
  /**
   * @param asking called, and waited for, before somebody outside of the gateway is asked.
   * @returns what came of it, and who answered. Rejects with the signal's reason when aborted.
   */
  ask(attempt: number, signal: AbortSignal, asking: Asking): Promise<{ by: string; answer: AiAnswered }>;
  close(): void;
}

/** An AI backend: rules, stub, module, service, recordings. They compose. */
export interface AiBackend {
  open(job: AiJob): AiSession;
}
