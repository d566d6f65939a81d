import type { AiConfig } from '../../contract/ai-rule.ts';
import type { ConfigContent } from '../../contract/config.ts';
import { DEMO } from '../../contract/demo.ts';
import type { Facts } from '../../contract/facts/facts.ts';
import type { ConfigFault } from '../../contract/fault-rule.ts';
import { DEFAULT_SEED } from '../../contract/faults.ts';
import { IN_FLIGHT, RECEIVER_TIMEOUT_MS } from '../../contract/limits.ts';
import type { Settings } from '../../emulator/settings.ts';
import { parseDuration } from '../input/flags.ts';
import { CliError, didYouMean } from '../terminal/errors.ts';
import { type Around, type AtsSettings, type LoadOptions, loadAts } from './ats.ts';
import { DEFAULT_PORT } from './defaults.ts';
import { readFacts } from './facts.ts';
import { CONFIG_NAME, type ConfigFile, configError, readConfigFile } from './files.ts';
import { resolveSecret, type Secret } from './secrets.ts';

/** Long enough to see that provisioning is asynchronous. */
const PROVISIONING_LATENCY_MS = 300;
const MAX_PROVISIONING_LATENCY_MS = 3_600_000;

/** What is kept as it stands in the file, where it stands there. Files are relative to the config file's folder. */
const DEFAULTS = {
  host: '127.0.0.1',
  port: DEFAULT_PORT,
  allowHosts: [] as string[],
  db: '.carvos/carvos.db',
  speed: 60 as Settings['speed'],
  receiverCa: null as string | null,
  receiverCert: null as string | null,
  receiverKey: null as string | null,
  unprovisioned: 'reject' as Settings['unprovisioned'],
  faults: [] as ConfigFault[],
  seed: DEFAULT_SEED,
  ai: {} as AiConfig,
};

/** Everything that can be configured, normalized, with defaults filled in. */
export interface Config extends AtsSettings, Readonly<typeof DEFAULTS> {
  receiverTimeoutMs: number | null;
  /** Whether receivers are judged as in production: `receiver: "production"`. */
  strictHttps: boolean;
  provisioningLatencyMs: number;
  /** Attempts in flight at once. */
  inFlight: typeof IN_FLIGHT;
  /** What requests to the AI service are signed with. */
  aiSecret: Secret;
  /** What stands in the facts file beside the config file. */
  facts: Facts | undefined;
}

/**
 * Reads the configuration: environment over `.env` over config file over defaults. Checks the whole file, for which it
 * loads zod: `loadAts` does without.
 *
 * @throws CliError (exit 2) that lists every problem with file, line and field.
 */
export async function loadValidConfig(io: Around, options: LoadOptions): Promise<Config> {
  const found = readConfigFile(io.cwd, options.config);
  if (found !== null) await validateFile(found);
  // What was checked, not what stands there now: a pipe gives it once.
  const base = loadAts(io, options, found);
  const given: ConfigContent = base.file?.value ?? {};
  const isShort = (ms: number) => ms <= MAX_PROVISIONING_LATENCY_MS;
  return {
    ...DEFAULTS,
    ...given,
    ...base,
    receiverTimeoutMs:
      given.receiverTimeout === 'off'
        ? null
        : durationOf(base.file, 'receiverTimeout', RECEIVER_TIMEOUT_MS, (ms) => ms > 0, 'more than 0'),
    strictHttps: given.receiver === 'production',
    provisioningLatencyMs: Math.round(
      durationOf(base.file, 'provisioningLatency', PROVISIONING_LATENCY_MS, isShort, 'at most 1h'),
    ),
    inFlight: { ...IN_FLIGHT, ...given.inFlight },
    aiSecret: loadAiSecret(base, given),
    facts: await readFacts(base.folder),
  };
}

export function originOf({ file }: Pick<Config, 'file'>, field: string): string {
  return file?.value[field] === undefined ? 'default' : CONFIG_NAME;
}

function durationOf(
  file: ConfigFile | null,
  field: 'receiverTimeout' | 'provisioningLatency',
  fallback: number,
  fits: (ms: number) => boolean,
  bound: string,
): number {
  const text = file?.value[field];
  if (text === undefined) return fallback;
  const ms = parseDuration(String(text), field);
  if (fits(ms)) return ms;
  throw configError(file!, [field], `must be ${bound}`);
}

/** The demo one only where nobody set up an ATS of their own. */
function loadAiSecret({ file, environment }: AtsSettings, { ai, ats }: ConfigContent): Secret {
  const demo = ats === undefined || ats.some(({ id }) => id === DEMO.atsId);
  return resolveSecret(
    {
      label: 'secret of the AI service',
      variable: 'CARVOS_AI_SECRET',
      field: file === null ? null : { file, path: ['ai', 'secret'], value: ai?.secret },
      fallback: demo ? DEMO.aiSecret : null,
    },
    environment,
  );
}

async function validateFile({ path, text }: ConfigFile): Promise<void> {
  const { MOST_PROBLEMS, validateConfigText } = await import('../../contract/config.ts');
  const problems = await validateConfigText(text);
  if (problems.length === 0) return;
  const lines = problems.map(({ path: field, line, message, allowed }) => {
    const name = field.slice(field.lastIndexOf('.') + 1);
    const hint =
      allowed.length === 0 ? '' : didYouMean(name, allowed) || ` Known here: ${allowed.join(', ')}.`;
    return `  ${path}:${line}  ${field === '' ? '' : `${field}: `}${message}${hint === '' ? '' : `.${hint}`}`;
  });
  if (lines.length === MOST_PROBLEMS) lines.push(`  these are the first ${MOST_PROBLEMS}`);
  throw new CliError(`the config file is not valid\n${lines.join('\n')}`, { next: 'correct it there' });
}
