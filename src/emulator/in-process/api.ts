import type * as ai from '../../contract/ai.ts';
import type { AssumptionUse, ClockView, FeedEntry, StatusView } from '../../contract/control.ts';
import type { environmentOf } from '../../contract/environment.ts';
import type { FaultView } from '../../contract/fault-view.ts';
import type { FaultOptions, Settings, Speed } from '../settings.ts';
import type { Move } from '../time/move-clock.ts';
import type { EmulatorDeliveries } from './deliveries.ts';
import type { EmulatorRun } from './run.ts';
import type { EmulatorSend } from './send.ts';

// Of its own, not passed on: schema and type have one name there, and only the type is published.
/** What a module or service answers (docs/guides/ai-backends.md); names as on the wire. */
export type AiAnswer = ai.AiAnswer;

/** The job that a module or service is asked to do; names as on the wire. */
export type AiRequest = ai.AiRequest;

/** The rules of faults in force, in the order in which they are asked. */
export interface EmulatorFaults {
  /** Those added while running first, then those of the options. */
  list(): FaultView[];
  /**
   * Adds a rule. Delays are in milliseconds of wall time.
   *
   * @returns the rule, or `null` when its id is taken.
   * @throws ZodError for a rule that makes no sense.
   */
  add(rule: FaultOptions): FaultView | null;
  /** Takes one away, or all; returns the ids. */
  clear(id?: string): string[];
}

/** The schedule clock, as `carvos clock` moves it. A move is refused with a `RefusedError` when `reset` or `close` ends it. */
export interface EmulatorClock {
  /** State, speed, position in milliseconds of schedule time, and what is due next. */
  view(): ClockView;
  /** Stops the schedule; attempts in flight end. */
  pause(): void;
  /** Lets the schedule go on. */
  resume(): void;
  /** Rescales what is pending: due times are in schedule time. */
  setSpeed(speed: Speed): void;
  /**
   * Moves ahead by `ms` of schedule time, making every attempt that falls due on the way.
   *
   * @throws RangeError when `ms` is negative or not a number.
   */
  advance(ms: number): Promise<Move>;
  /** Moves to the next due attempt and makes it. */
  next(): Promise<Move>;
  /** Moves until nothing is pending. */
  drain(): Promise<Move>;
}

/** What a receiver's and a sender's process need, as `carvos exec` sets it. */
export type EmulatorEnv = ReturnType<typeof environmentOf>;

/** A further ATS; everything has a default. */
export interface NewAts {
  /** A fresh one by default. */
  id?: string;
  name?: string;
  /** Can be set later (`setWebhookUrl`). */
  webhookUrl?: string | null;
  /** Its workspace, provisioned. `acme-corp` by default. */
  clientId?: string;
  /** A member of that workspace. `admin-user` by default. */
  userId?: string;
}

/** All that a test needs to talk to the gateway as this ATS. The credentials are shown here and never again. */
export interface AddedAts extends Required<NewAts> {
  apiKey: string;
  incomingSecret: string;
  outgoingSecret: string;
  /** Base of the gateway. */
  url: string;
  /** Where its webhooks go: POST, signed with the incoming secret. */
  incomingUrl: string;
}

/**
 * A running gateway, with everything that the control API can do that a test needs. Options and results of its own are
 * in camelCase. What stands so on the wire or in the control API (events, deliveries and what they are looked for by,
 * entries of the feed, status, clock, faults in force) has the names that it has there, in snake_case.
 */
export interface Emulator extends EmulatorDeliveries {
  /** `http://127.0.0.1:4010` */
  readonly url: string;
  readonly port: number;
  readonly controlToken: string;
  /** Each ATS with the webhook URL in force, which the database may have changed since the config file. */
  listAts(): { id: string; webhookUrl: string | null }[];
  /** Every outgoing secret that verifies now: each ATS's newest, and old ones while they overlap with it. */
  outgoingSecrets(): string[];
  /**
   * The environment of a process under test. Credentials are those it was started with.
   *
   * @param atsId the first ATS by default.
   */
  env(atsId?: string): EmulatorEnv;
  /**
   * Sends an incoming event past HTTP and signature; everything behind them is the same.
   *
   * @throws RefusedError with what a request would have been answered.
   */
  readonly send: EmulatorSend;
  /**
   * Runs scenarios, files or folders, as `carvos run` does; each has an ATS of its own, with the secrets and the webhook URL of the
   * first. Without a webhook URL a built-in receiver takes the deliveries.
   *
   * @throws ScenarioError when one fails, or a file is wrong.
   */
  readonly run: EmulatorRun;
  /**
   * Where outgoing webhooks go from now on, pending ones too; `null`: nowhere.
   *
   * @param atsId the first ATS by default.
   * @throws Error when there is no such ATS.
   */
  setWebhookUrl(url: string | null, atsId?: string): void;
  /** Adds an ATS with fresh credentials and a workspace, until the next reset. Throws when the id is taken. */
  addAts(options?: NewAts): AddedAts;
  /** Lets nothing be delivered until the returned function is called. */
  holdDeliveries(): () => void;
  /** Counts, queue, clock. */
  status(): StatusView;
  /**
   * Back to what it was started with; awaits what is in flight.
   *
   * @throws RefusedError once it closes.
   */
  reset(): Promise<void>;
  readonly clock: EmulatorClock;
  /** Faults on purpose, also from runs before: rules that were added are kept with the database. */
  readonly faults: EmulatorFaults;
  /** What of the undocumented the traffic relied on, and how to check each; with `all` the whole catalogue. */
  assumptions(all?: boolean): AssumptionUse[];
  /**
   * Resolves when what was refused until now has been reported with its cause: a refused signature is looked into
   * after the answer has left. For a body of a megabyte that takes seconds.
   */
  explained(): Promise<void>;
  /** Called for everything that happens, in order. Returns the function that unsubscribes. */
  subscribe(listener: (entry: FeedEntry) => void): () => void;
  /** Applies changed settings; what did not change stays as it is, also where the portal changed it. */
  reload(settings: Settings): string[];
  /** Stops accepting, waits for what is in flight (bounded by the receiver timeout), closes the database. */
  close(): Promise<void>;
  /** The same as `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}
