import type { AiMode, AiRule } from '../../../contract/ai-rule.ts';

/** A rule with its durations in milliseconds. */
export interface AiRuleOptions extends Omit<AiRule, 'delay'> {
  delayMs?: number;
}

/** Who answers jobs, and how. What is left out has its default. */
export interface AiOptions {
  /** By default `module` where there is a module, `proxy` where there is a URL, otherwise `stub`. */
  mode?: AiMode;
  /** Asked before everything else; the first that matches acts. */
  rules?: readonly AiRuleOptions[];
  /** The AI service. */
  url?: string;
  /** Signs the requests to it. */
  secret?: string;
  /** How the service reaches the gateway; the listener's own URL by default. */
  gatewayUrl?: string;
  /** Milliseconds for a whole answer; 60,000 by default. */
  timeoutMs?: number;
  /** Milliseconds for the call back after a 202; 600,000 by default. */
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

export type AiSettings = Required<Omit<AiOptions, 'url' | 'gatewayUrl' | 'module' | 'record' | 'playback'>> &
  Pick<AiOptions, 'url' | 'gatewayUrl' | 'module' | 'record' | 'playback'>;

/** Personal data that a recording does not need; the whole job is hashed before. */
const DEFAULT_REDACT = [
  '**.first_name',
  '**.last_name',
  '**.full_name',
  '**.email',
  '**.admin_name',
  '**.admin_email',
  '**.phone',
  '**.phone_number',
  '**.address',
  '**.date_of_birth',
  '**.linkedin_url',
  '**.file_name',
  'cv_text',
];

export function normalizeAi(options: AiOptions): AiSettings {
  const mode = options.mode ?? (options.module ? 'module' : options.url ? 'proxy' : 'stub');
  return {
    ...options,
    mode,
    rules: options.rules ?? [],
    secret: options.secret ?? 'demo-ai-secret',
    timeoutMs: options.timeoutMs ?? 60_000,
    callbackTimeoutMs: options.callbackTimeoutMs ?? 600_000,
    retries: options.retries ?? 3,
    backoffMs: options.backoffMs ?? 500,
    concurrency: options.concurrency ?? 64,
    playbackOrStub: options.playbackOrStub ?? false,
    redact: options.redact ?? DEFAULT_REDACT,
    redactAnswer: options.redactAnswer ?? [],
  };
}
