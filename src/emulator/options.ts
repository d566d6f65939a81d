import type { AssumptionUse, FeedEntry } from '../contract/control.ts';
import type { FaultRuleInput, FaultView } from '../contract/fault-rule.ts';

export interface MemberOptions {
  userId: string;
  name: string;
  email: string;
}

export interface WorkspaceOptions {
  clientId: string;
  name: string;
  members: MemberOptions[];
}

/** One ATS product, as its portal describes it. */
export interface AtsOptions {
  id: string;
  name: string;
  webhookUrl: string | null;
  apiKey: string;
  incomingSecret: string;
  outgoingSecret: string;
  /** Workspaces that exist, provisioned, from the start. */
  workspaces: WorkspaceOptions[];
}

/** Schedule seconds per real second, or `max` (jumps to what is due next), or `manual` (moves when told). */
export type Speed = number | 'max' | 'manual';

/** What a running emulator can be told to change (`carvos dev` reloads its config file into this). */
export interface Settings {
  ats: AtsOptions[];
  /** What a request to an unknown or still provisioning workspace gets. */
  unprovisioned: 'reject' | 'fail-later';
  /** Limit on a receiver's whole answer in milliseconds; `null` waits for ever. */
  receiverTimeoutMs: number | null;
  speed: Speed;
  /** Where an ATS without a webhook URL of its own gets its webhooks; `null`: nowhere. */
  fallbackWebhookUrl: string | null;
  /** Misbehaviour on purpose; the first that matches acts. */
  faults?: readonly FaultRuleInput[];
  /** What faults are drawn from: the same seed and events give the same faults. 1 by default. */
  seed?: number;
}

export interface EmulatorOptions extends Settings {
  host: string;
  /** 0 takes any free port. */
  port: number;
  /** Names besides loopback's that the control API accepts in `Host`. */
  allowHosts: string[];
  /** File, or `:memory:`. */
  database: string;
  /** Random when undefined. */
  controlToken?: string;
  /** Attempts under way at once; 64 per receiver and 512 overall when undefined. */
  inFlight?: { perReceiver: number; overall: number };
  /** How long provisioning a workspace takes, in milliseconds of wall time. */
  provisioningLatencyMs: number;
}

export interface EmulatorFaults {
  list(): FaultView[];
  /** @returns the rule, or `null` when its id is taken. Throws for a rule that makes no sense. */
  add(rule: FaultRuleInput): FaultView | null;
  /** Takes one away, or all; returns the ids. */
  clear(id?: string): string[];
}

export interface Emulator {
  /** `http://127.0.0.1:4010` */
  readonly url: string;
  readonly port: number;
  readonly controlToken: string;
  /** Each ATS with the webhook URL in force, which the database may have changed since the config file. */
  listAts(): { id: string; webhookUrl: string | null }[];
  /** Outgoing secrets in force, of every ATS: what a receiver of them all verifies with. */
  outgoingSecrets(): string[];
  /** Misbehaviour on purpose, also from runs before: rules that were added are kept with the database. */
  readonly faults: EmulatorFaults;
  /** What of the undocumented the traffic relied on, and how to check each; with `all` the whole catalogue. */
  assumptions(all?: boolean): AssumptionUse[];
  /** Called for everything that happens, in order. Returns the function that unsubscribes. */
  subscribe(listener: (entry: FeedEntry) => void): () => void;
  /** Applies changed settings; what did not change stays as it is, also where the portal changed it. */
  reload(settings: Settings): string[];
  /** Stops accepting, waits for what is in flight (bounded by the receiver time-out), closes the database. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
