import type { AiOptions } from '../../settings.ts';

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
