import { DEMO } from '../../../contract/demo.ts';
import type { AiOptions } from '../../settings.ts';

/** What has no default. */
type Absent = 'url' | 'gatewayUrl' | 'module' | 'record' | 'playback';
export type AiSettings = Required<Omit<AiOptions, Absent>> & Pick<AiOptions, Absent>;

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

const DEFAULTS = {
  rules: [],
  secret: DEMO.aiSecret,
  timeoutMs: 60_000,
  callbackTimeoutMs: 600_000,
  retries: 3,
  backoffMs: 500,
  concurrency: 64,
  playbackOrStub: false,
  redact: DEFAULT_REDACT,
  redactAnswer: [],
} as const;

export function normalizeAi(options: AiOptions): AiSettings {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const mode = options.module ? 'module' : options.url ? 'proxy' : 'stub';
  return { ...DEFAULTS, mode, ...given };
}
