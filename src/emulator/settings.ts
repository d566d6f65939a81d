import type { AiMode, AiRule } from '../contract/ai-rule.ts';
import type { Facts } from '../contract/facts/facts.ts';
import type { FaultRuleInput } from '../contract/fault-rule.ts';
import type { ProxyRules } from '../transport/proxy.ts';
import type { ReceiverTls } from '../transport/receiver-tls.ts';

export type { ProxyRules, ReceiverTls };

/** A member of a workspace. Ids are the ATS's own: 1 to 255 characters (contract, section 1). */
export interface MemberOptions {
  userId: string;
  name: string;
  email: string;
}

/** A workspace, provisioned, with its members; `clientId` is the `client_id` of the wire. */
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
  /** It was asked for at this start, by a flag: then it wins over one that was set while a gateway ran. */
  webhookUrlAsked?: boolean | undefined;
  apiKey: string;
  incomingSecret: string;
  outgoingSecret: string;
  /** Sent with each attempt to the webhook URL, to no other; the log masks the values. */
  receiverHeaders?: Readonly<Record<string, string>>;
  /** Workspaces that exist, provisioned, from the start. */
  workspaces: WorkspaceOptions[];
}

/** A fault on purpose: what `carvos fault add` takes. Delays are in milliseconds of wall time. */
export interface FaultOptions
  extends Omit<FaultRuleInput, 'delay_ms' | 'retry_after' | 'client_id' | 'ats_id'> {
  delayMs?: number;
  /** Seconds. */
  retryAfter?: number;
  clientId?: string;
  atsId?: string;
}

/** The same in the names of the control API. */
export function faultRuleOf({ delayMs, retryAfter, clientId, atsId, ...rest }: FaultOptions): FaultRuleInput {
  return { ...rest, delay_ms: delayMs, retry_after: retryAfter, client_id: clientId, ats_id: atsId };
}

/** Schedule seconds per real second, or `max` (jumps to what is due next), or `manual` (moves on command). */
export type Speed = number | 'max' | 'manual';

/** What a running emulator can change (`carvos dev` reloads its config file into this). */
export interface Settings {
  ats: AtsOptions[];
  /** What a request to an unknown or still provisioning workspace gets. */
  unprovisioned: 'reject' | 'fail-later';
  /** Limit on a receiver's whole answer in milliseconds; `null` waits for ever. */
  receiverTimeoutMs: number | null;
  speed: Speed;
  /** How long provisioning a workspace takes, in milliseconds of wall time. */
  provisioningLatencyMs: number;
  /** Where an ATS without a webhook URL of its own gets its webhooks; `null`: nowhere. */
  fallbackWebhookUrl: string | null;
  /** Deliveries of an ATS without any webhook URL wait until it has one, instead of failing. Off by default. */
  holdWithoutUrl?: boolean;
  /** Which certificates of receivers are trusted, and what they are shown of ours; the usual rules when undefined. */
  receiverTls?: ReceiverTls;
  /** What deliveries go through; straight to the receiver when undefined, whatever the environment says. */
  receiverProxy?: ProxyRules;
  /** Nothing goes to an `http://` URL, as in production; the built-in receiver excepted. Off by default. */
  strictHttps?: boolean;
  /** Faults on purpose; the first that matches is applied. */
  faults?: readonly FaultOptions[];
  /** What decides on faults: the same seed and events give the same faults. 1 by default. */
  seed?: number;
  /** The AI backend; the stub when undefined. */
  ai?: AiOptions;
  /** What the real gateway was seen to do otherwise than assumed: the content of `carvos.facts.json`. */
  facts?: Facts;
}

/** All that a gateway is started with: what can change while it runs, and what cannot. */
export interface EmulatorOptions extends Settings {
  host: string;
  /** 0 takes any free port. */
  port: number;
  /** Names besides loopback's that the control API accepts in `Host`. */
  allowHosts: string[];
  /** Whether the page is served to browsers, at `/_carvos/portal/`. Off by default. */
  portal?: boolean;
  /** File, or `:memory:`. */
  database: string;
  /** Random when undefined. */
  controlToken?: string;
  /** Certificate, with its chain, and private key, PEM: it speaks HTTPS with them. HTTP when undefined. */
  tls?: { cert: string; key: string };
  /** Attempts in flight at once; 64 per receiver and 512 overall when undefined. */
  inFlight?: { perReceiver: number; overall: number };
  /**
   * Called once it listens and before it accepts anything (`/readyz` is 503, `starting`); what it returns is waited
   * for. The start fails where it throws.
   */
  onListening?(place: ListeningPlace): void | Promise<void>;
}

/** Where a gateway can be reached, and with what. */
export interface ListeningPlace {
  url: string;
  controlToken: string;
}

/** A rule with its durations in milliseconds. */
export interface AiRuleOptions extends Omit<AiRule, 'delay'> {
  delayMs?: number;
}

/** The AI backend, and how it is asked. What is left out has its default. */
export interface AiOptions {
  /** By default `module` where there is a module, `proxy` where there is a URL, otherwise `stub`. */
  mode?: AiMode;
  /** Asked before everything else; the first that matches is applied. */
  rules?: readonly AiRuleOptions[];
  /** The AI service. */
  url?: string;
  /** Signs the requests to it. */
  secret?: string;
  /** How the service reaches the gateway; the listener's own URL by default. */
  gatewayUrl?: string;
  /** Milliseconds for a whole answer; 60,000 by default. */
  timeoutMs?: number;
  /** Milliseconds for the callback after a 202; 600,000 by default. */
  callbackTimeoutMs?: number;
  /** After a 429, a 5xx or a lost connection; 3 by default. */
  retries?: number;
  /** Milliseconds before the first retry, doubled each time; 500 by default. */
  backoffMs?: number;
  /** Jobs at the service at once; 64 by default. */
  concurrency?: number;
  /** Absolute path of a JavaScript file that exports `process`. */
  module?: string;
  /** Absolute path of the folder that jobs and answers are stored in. */
  record?: string;
  /** Absolute path of the folder that is answered from. */
  playback?: string;
  playbackOrStub?: boolean;
  /** What of a stored job is left out. */
  redact?: readonly string[];
  /** What of a stored answer is left out; nothing by default. */
  redactAnswer?: readonly string[];
}
