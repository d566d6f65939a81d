import type { ProbeFacts, ProbeOutcome } from '../../contract/check.ts';
import type { PostResult } from '../post-bytes.ts';
import type { Shown } from './certificate.ts';

/** An outgoing event as it is sent; a probe may add to it or take away. */
export type ProbeEvent = Record<string, unknown>;

export interface ProbeRequest {
  body: Buffer;
  /** `null` leaves the header out. */
  signature: string | null;
  /** The body is sent in two packets, this many bytes in the first. */
  cutAt?: number;
  /** What the other headers say; the sample of a `candidate.created` where it says nothing. */
  event?: ProbeEvent;
}

/** The receiver under test, as probes see it. */
export interface Receiver {
  readonly url: URL;
  readonly secret: string;
  /** What signs the other direction; `null` when it is not set. */
  readonly incomingSecret: string | null;
  /** Events of the user's own that go out as they are; `null` when samples may be sent. */
  readonly ownBodies: readonly Buffer[] | null;
  /** Whether `--state` was given. */
  readonly hasState: boolean;
  /** Limit on a whole answer in milliseconds. */
  readonly timeoutMs: number;
  /** Answers so far that show how the receiver is built inside, as `what: line`. */
  readonly leaks: readonly string[];
  /** A fresh event: an `event_id`, `reference_id` and time of its own. Without a name the one that probes use. */
  fresh(event?: string): ProbeEvent;
  /** Posts once. `what` says which case it is. Never throws for what the receiver does. */
  post(request: ProbeRequest, what: string): Promise<PostResult>;
  /**
   * The state behind `--state` once it holds still.
   *
   * @throws StateError when it cannot be read.
   */
  readState(): Promise<Buffer>;
  /** What it shows at a handshake, or why there was none; `null` for an http URL. */
  readShown(): Promise<Shown | string | null>;
}

export interface Verdict {
  outcome: ProbeOutcome;
  details: string[];
}

/** A probe is what it says of itself, and what it does. */
export interface Probe extends Omit<ProbeFacts, 'faults' | 'after' | 'live'> {
  faults?: ProbeFacts['faults'];
  after?: ProbeFacts['after'];
  live?: true;
  run(receiver: Receiver): Promise<Verdict>;
}

/** The URL of `--state` does not show a state. */
export class StateError extends Error {
  override readonly name = 'StateError';
}

export const passed = (...details: string[]): Verdict => ({ outcome: 'passed', details });
export const failed = (...details: string[]): Verdict => ({ outcome: 'failed', details });
export const notJudged = (reason: string): Verdict => ({ outcome: 'not_judged', details: [reason] });
