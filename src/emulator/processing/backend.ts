import type { AiRequest, ReadAnswer } from '../../contract/ai.ts';
import type { AiAttemptView } from '../../contract/control.ts';
import type { IncomingEventName } from '../../contract/event-names.ts';

/** An entity as the gateway holds it after the event was applied to it. Unknown extra fields are kept. */
export type EntityState = NonNullable<AiRequest['entity']>;

/** The CV of a job: the application's, otherwise the candidate's. */
export interface AiCv extends Omit<NonNullable<AiRequest['cv']>, 'url'> {
  /** The upload. */
  file_id: string;
}

/** One piece of work for the AI: an accepted event with everything it refers to. */
export interface AiJob extends Omit<AiRequest, 'version' | 'event' | 'cv' | 'attempt' | 'callback_url'> {
  event: IncomingEventName;
  cv?: AiCv | null;
}

/** `nothing`: no outgoing event follows. */
export type AiResult = Extract<ReadAnswer, { kind: 'result' | 'failure' | 'nothing' }>;

/** One time that the AI was asked, whoever it was; `started_at` is wall time. */
export type AiAttempt = Omit<AiAttemptView, 'started_at'> & { started_at: number };

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
  | Exclude<ReadAnswer, { kind: 'default' }>
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
  close?(): void;
}

/** An AI backend: rules, stub, module, service, recordings. They compose. */
export interface AiBackend {
  open(job: AiJob): AiSession;
}
