import type { AiConfig } from '../../contract/ai-rule.ts';
import type { Facts } from '../../contract/facts/facts.ts';
import type { ConfigFault } from '../../contract/fault-rule.ts';
import { DEFAULT_SEED } from '../../contract/faults.ts';
import { RECEIVER_TIMEOUT_MS, SPEED_WORDS } from '../../contract/limits.ts';
import type { Settings } from '../../emulator/settings.ts';
import type { Io } from '../terminal/io.ts';
import { type AtsSettings, type LoadOptions, loadAts } from './ats.ts';
import {
  DEFAULT_DATABASE,
  DEFAULT_HOST,
  DEFAULT_IN_FLIGHT,
  DEFAULT_PORT,
  DEFAULT_PROVISIONING_LATENCY_MS,
  DEFAULT_SPEED,
  DEMO,
} from './defaults.ts';
import {
  asAi,
  asFaults,
  asInFlight,
  asLatency,
  asPort,
  asSeed,
  asSpeed,
  asStrict,
  asText,
  asTexts,
  asTimeout,
  asUnprovisioned,
  isRecord,
} from './fields.ts';
import { type ConfigFile, configError } from './files.ts';
import { type Environment, resolveSecret, type Secret } from './secrets.ts';

/** Everything that can be configured, normalized, with defaults filled in. */
export interface Config extends AtsSettings {
  host: string;
  port: number;
  allowHosts: string[];
  /** As written; relative to `folder`. */
  database: string;
  speed: Settings['speed'];
  receiverTimeoutMs: number | null;
  /** A PEM file, or `system`; files as written, relative to `folder`. */
  receiverCa: string | null;
  receiverCert: string | null;
  receiverKey: string | null;
  /** Whether receivers are judged as in production: `receiver: "production"`. */
  strictHttps: boolean;
  provisioningLatencyMs: number;
  /** Attempts in flight at once. */
  inFlight: { perReceiver: number; overall: number };
  unprovisioned: Settings['unprovisioned'];
  /** As in the file; their fields are checked by `loadValidConfig`. */
  faults: ConfigFault[];
  seed: number;
  /** As in the file; its fields are checked by `loadValidConfig`. */
  ai: AiConfig;
  /** What requests to the AI service are signed with. */
  aiSecret: Secret;
  /** What stands in the facts file beside the config file; read by `loadValidConfig`. */
  facts?: Facts;
  /** Where each value came from, by field: `CARVOS_PORT (environment)`, `carvos.config.json`, `default`. */
  origins: Record<string, string>;
}

/**
 * Reads the configuration: environment over `.env` over config file over defaults. Checks what it
 * reads and no more; `loadValidConfig` checks everything.
 *
 * @throws CliError (exit 2) with file, line and field.
 */
export function loadConfig(io: Pick<Io, 'env' | 'cwd' | 'warn'>, options: LoadOptions = {}): Config {
  const base = loadAts(io, options);
  const { file, environment } = base;
  const origins: Record<string, string> = {};
  const field = <T>(
    name: string,
    fallback: T,
    read: (value: unknown) => T | undefined,
    allowed: string,
  ): T => {
    const raw = file?.value[name];
    origins[name] = raw === undefined ? 'default' : 'carvos.config.json';
    if (raw === undefined) return fallback;
    const value = read(raw);
    if (value === undefined) throw configError(file!, [name], `must be ${allowed}`);
    return value;
  };

  return {
    ...base,
    host: field('host', DEFAULT_HOST, asText, 'text'),
    port: field('port', DEFAULT_PORT, asPort, 'a number from 0 to 65535'),
    allowHosts: field('allowHosts', [], asTexts, 'a list of names'),
    database: field('db', DEFAULT_DATABASE, asText, 'a file name or ":memory:"'),
    speed: field('speed', DEFAULT_SPEED, asSpeed, SPEED_WORDS),
    receiverTimeoutMs: field(
      'receiverTimeout',
      RECEIVER_TIMEOUT_MS,
      asTimeout,
      '"off" or a duration like "5s"',
    ),
    receiverCa: field('receiverCa', null, asText, 'a PEM file or "system"'),
    receiverCert: field('receiverCert', null, asText, 'a PEM file'),
    receiverKey: field('receiverKey', null, asText, 'a PEM file'),
    strictHttps: field('receiver', false, asStrict, '"local" or "production"'),
    provisioningLatencyMs: field(
      'provisioningLatency',
      DEFAULT_PROVISIONING_LATENCY_MS,
      asLatency,
      'a duration like "300ms", at most 1h',
    ),
    inFlight: field('inFlight', DEFAULT_IN_FLIGHT, asInFlight, '{"perReceiver": 64, "overall": 512}'),
    unprovisioned: field('unprovisioned', 'reject', asUnprovisioned, '"reject" or "fail-later"'),
    faults: field('faults', [], asFaults, 'a list'),
    seed: field('seed', DEFAULT_SEED, asSeed, 'a whole number from 0'),
    ai: field('ai', {}, asAi, 'an object'),
    aiSecret: loadAiSecret(file, environment),
    origins,
  };
}

/** The demo one only where nobody set up an ATS of their own. */
function loadAiSecret(file: ConfigFile | null, environment: Environment): Secret {
  const ai = file?.value.ai;
  const list = file?.value.ats;
  const demo = !Array.isArray(list) || list.some((one) => isRecord(one) && one.id === DEMO.atsId);
  return resolveSecret(
    {
      label: 'secret of the AI service',
      variable: 'CARVOS_AI_SECRET',
      field:
        file === null ? null : { file, path: ['ai', 'secret'], value: isRecord(ai) ? ai.secret : undefined },
      fallback: demo ? DEMO.aiSecret : null,
    },
    environment,
  );
}
