import { dirname } from 'node:path';
import type { AiConfig } from '../../contract/ai-rule.ts';
import type { ConfigFault } from '../../contract/fault-rule.ts';
import { RECEIVER_TIMEOUT_MS } from '../../contract/limits.ts';
import { DEFAULT_SEED } from '../../contract/misbehaviour.ts';
import type { Settings, WorkspaceOptions } from '../../emulator/options.ts';
import { parseDuration } from '../duration.ts';
import { CliError, didYouMean } from '../errors.ts';
import type { Io } from '../io.ts';
import {
  DEFAULT_DATABASE,
  DEFAULT_HOST,
  DEFAULT_IN_FLIGHT,
  DEFAULT_PORT,
  DEFAULT_PROVISIONING_LATENCY_MS,
  DEFAULT_SPEED,
  DEMO,
  demoWorkspaces,
  MAX_PROVISIONING_LATENCY_MS,
} from './defaults.ts';
import { type ConfigFile, configError, readConfigFile, readEnvFile } from './files.ts';
import { createEnvironment, type Environment, resolveSecret, type Secret } from './secrets.ts';

export interface AtsConfig {
  id: string;
  name: string;
  webhookUrl: string | null;
  apiKey: Secret;
  incomingSecret: Secret;
  outgoingSecret: Secret;
  workspaces: WorkspaceOptions[];
}

/** Everything that can be configured, normalized, with defaults filled in. */
export interface Config {
  file: ConfigFile | null;
  /** Path of the `.env` that was read. */
  envFile: string | null;
  /** The config file's folder, else the working directory. Relative paths start here. */
  folder: string;
  environment: Environment;
  host: string;
  port: number;
  allowHosts: string[];
  /** As written; relative to `folder`. */
  database: string;
  speed: Settings['speed'];
  receiverTimeoutMs: number | null;
  provisioningLatencyMs: number;
  /** Attempts under way at once. */
  inFlight: { perReceiver: number; overall: number };
  unprovisioned: Settings['unprovisioned'];
  /** As in the file; their fields are checked by `loadValidConfig`. */
  faults: ConfigFault[];
  seed: number;
  /** As in the file; its fields are checked by `loadValidConfig`. */
  ai: AiConfig;
  /** What requests to the AI service are signed with. */
  aiSecret: Secret;
  ats: AtsConfig[];
  /** Where each value came from, by field: `CARVOS_PORT (environment)`, `carvos.config.json`, `default`. */
  origins: Record<string, string>;
}

export interface LoadOptions {
  /** `--config`. */
  config?: string;
  /** `--ats-id`: the ATS that the CARVOS_… secrets are for. */
  atsId?: string;
}

/**
 * Reads the configuration: environment over `.env` over config file over defaults. Checks what it
 * reads and no more; `loadValidConfig` checks everything.
 *
 * @throws CliError (exit 2) with file, line and field.
 */
export function loadConfig(io: Pick<Io, 'env' | 'cwd'>, options: LoadOptions = {}): Config {
  const file = readConfigFile(io.cwd, options.config);
  const folder = file === null ? io.cwd : dirname(file.path);
  const envFile = readEnvFile(folder);
  const environment = createEnvironment(io.env, envFile);
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
    file,
    envFile: envFile?.path ?? null,
    folder,
    environment,
    host: field('host', DEFAULT_HOST, asText, 'text'),
    port: field('port', DEFAULT_PORT, asPort, 'a number from 0 to 65535'),
    allowHosts: field('allowHosts', [], asTexts, 'a list of names'),
    database: field('db', DEFAULT_DATABASE, asText, 'a file name or ":memory:"'),
    speed: field('speed', DEFAULT_SPEED, asSpeed, 'a number above 0, "max" or "manual"'),
    receiverTimeoutMs: field(
      'receiverTimeout',
      RECEIVER_TIMEOUT_MS,
      asTimeout,
      '"off" or a duration like "5s"',
    ),
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
    ats: loadAts(file, environment, options.atsId),
    origins,
  };
}

/**
 * The ATS that a command is about: the one given, the one that CARVOS_ATS_ID names, or the only one.
 *
 * @throws CliError (exit 2) when there are several or none of that name.
 */
export function selectAts(config: Config, given?: string): AtsConfig {
  const id = given ?? config.environment.get('CARVOS_ATS_ID')?.value;
  if (id === undefined) {
    if (config.ats.length === 1) return config.ats[0]!;
    throw new CliError('there are several ATSs in the config file', {
      where: config.file?.path,
      next: `choose one with --ats-id: ${config.ats.map((ats) => ats.id).join(', ')}`,
    });
  }
  const found = config.ats.find((ats) => ats.id === id);
  if (found !== undefined) return found;
  const ids = config.ats.map((ats) => ats.id);
  throw new CliError(`there is no ATS ${id} in the config file.${didYouMean(id, ids)}`, {
    where: config.file?.path,
    next: `it has ${ids.join(', ')}`,
  });
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

function loadAts(file: ConfigFile | null, environment: Environment, given: string | undefined): AtsConfig[] {
  const selected = given ?? environment.get('CARVOS_ATS_ID')?.value;
  const list = file?.value.ats;
  if (file === null || list === undefined) {
    // No ATS configured: whichever is asked for is the demo one under that name.
    return [readAts(null, [], {}, environment, { id: selected ?? DEMO.atsId, secretsFromEnv: true })];
  }
  if (!Array.isArray(list) || list.length === 0)
    throw configError(file, ['ats'], 'must be a list of at least one ATS');
  return list.map((entry: unknown, index) => {
    if (!isRecord(entry)) throw configError(file, ['ats', index], 'must be an object');
    if (typeof entry.id !== 'string' || entry.id === '')
      throw configError(file, ['ats', index, 'id'], 'must be text');
    const secretsFromEnv = selected === undefined ? list.length === 1 : selected === entry.id;
    return readAts(file, ['ats', index], entry, environment, { id: entry.id, secretsFromEnv });
  });
}

function readAts(
  file: ConfigFile | null,
  path: (string | number)[],
  entry: Record<string, unknown>,
  environment: Environment,
  { id, secretsFromEnv }: { id: string; secretsFromEnv: boolean },
): AtsConfig {
  // Well-known secrets only where nobody set up an ATS of their own.
  const demo = file === null || file.value.ats === undefined || id === DEMO.atsId;
  const secret = (name: string, label: string, variable: string, fallback: string): Secret =>
    resolveSecret(
      {
        label: `${label} of ${id}`,
        variable: secretsFromEnv ? variable : null,
        field: file === null ? null : { file, path: [...path, name], value: entry[name] },
        fallback: demo ? fallback : null,
      },
      environment,
    );
  const optionalText = (name: string): string | null => {
    const value = entry[name];
    if (value === undefined || value === null) return null;
    if (typeof value !== 'string') throw configError(file!, [...path, name], 'must be text');
    return value;
  };
  return {
    id,
    name: optionalText('name') ?? (demo ? DEMO.atsName : id),
    webhookUrl: optionalText('webhookUrl'),
    apiKey: secret('apiKey', 'API key', 'CARVOS_API_KEY', DEMO.apiKey),
    incomingSecret: secret(
      'incomingSecret',
      'incoming secret',
      'CARVOS_INCOMING_SECRET',
      DEMO.incomingSecret,
    ),
    outgoingSecret: secret(
      'outgoingSecret',
      'outgoing secret',
      'CARVOS_OUTGOING_SECRET',
      DEMO.outgoingSecret,
    ),
    workspaces: readWorkspaces(file, path, entry.workspaces, demo),
  };
}

function readWorkspaces(
  file: ConfigFile | null,
  path: (string | number)[],
  list: unknown,
  demo: boolean,
): WorkspaceOptions[] {
  if (list === undefined) return demo ? demoWorkspaces() : [];
  const wrong = (...rest: (string | number)[]) =>
    configError(
      file!,
      [...path, 'workspaces', ...rest],
      'must be {"clientId","name","members":[{"userId","name","email"}]}',
    );
  if (!Array.isArray(list)) throw wrong();
  return list.map((entry: unknown, index) => {
    if (!isRecord(entry) || typeof entry.clientId !== 'string') throw wrong(index);
    const members: unknown = entry.members ?? [];
    if (!Array.isArray(members)) throw wrong(index, 'members');
    return {
      clientId: entry.clientId,
      name: asText(entry.name) ?? entry.clientId,
      members: members.map((member: unknown, at) => {
        if (!isRecord(member) || typeof member.userId !== 'string') throw wrong(index, 'members', at);
        return {
          userId: member.userId,
          name: asText(member.name) ?? member.userId,
          email: asText(member.email) ?? '',
        };
      }),
    };
  });
}

/** Whether a parsed JSON value is an object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const asText = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
const asFaults = (value: unknown) => (Array.isArray(value) ? (value as ConfigFault[]) : undefined);
const asAi = (value: unknown) => (isRecord(value) ? (value as AiConfig) : undefined);
const asSeed = (value: unknown) =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined;
const asTexts = (value: unknown) =>
  Array.isArray(value) && value.every((item) => typeof item === 'string') ? (value as string[]) : undefined;
const asPort = (value: unknown) =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 65_535
    ? (value as number)
    : undefined;
const asSpeed = (value: unknown): Settings['speed'] | undefined =>
  value === 'max' || value === 'manual' || (typeof value === 'number' && value > 0) ? value : undefined;
const asUnprovisioned = (value: unknown): Settings['unprovisioned'] | undefined =>
  value === 'reject' || value === 'fail-later' ? value : undefined;

function asLatency(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined;
  try {
    const ms = Math.round(parseDuration(value, 'provisioningLatency'));
    return ms <= MAX_PROVISIONING_LATENCY_MS ? ms : undefined;
  } catch {
    return undefined;
  }
}

function asInFlight(value: unknown): Config['inFlight'] | undefined {
  if (!isRecord(value)) return undefined;
  const { perReceiver, overall } = { ...DEFAULT_IN_FLIGHT, ...value };
  const holds = [perReceiver, overall].every((bound) => Number.isInteger(bound) && bound >= 1);
  return holds ? { perReceiver, overall } : undefined;
}

function asTimeout(value: unknown): number | null | undefined {
  if (value === 'off') return null;
  if (typeof value !== 'string') return undefined;
  try {
    const ms = parseDuration(value, 'receiverTimeout');
    return ms > 0 ? ms : undefined;
  } catch {
    return undefined;
  }
}
