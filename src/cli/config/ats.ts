import { dirname } from 'node:path';
import { DEMO, demoWorkspaces } from '../../contract/demo.ts';
import type { EventDirection } from '../../contract/event-names.ts';
import { isRecord } from '../../contract/is-record.ts';
import type { Credential } from '../../contract/portal.ts';
import type { WorkspaceOptions } from '../../emulator/settings.ts';
import { CliError, didYouMean } from '../terminal/errors.ts';
import type { Io } from '../terminal/io.ts';
import { type ConfigFile, configError, readConfigFile, readEnvFile } from './files.ts';
import { createEnvironment, type Environment, requireSecret, resolveSecret, type Secret } from './secrets.ts';

/** What authenticates an ATS, by its name in the control API: its field in the config file, and what sets it. */
export const CREDENTIALS = {
  api_key: { field: 'apiKey', variable: 'CARVOS_API_KEY', label: 'API key' },
  incoming_secret: { field: 'incomingSecret', variable: 'CARVOS_INCOMING_SECRET', label: 'incoming secret' },
  outgoing_secret: { field: 'outgoingSecret', variable: 'CARVOS_OUTGOING_SECRET', label: 'outgoing secret' },
} as const;
export type CredentialKind = keyof typeof CREDENTIALS;
export const credentialKind = (credential: Credential) => credential.replace('-', '_') as CredentialKind;
export const CREDENTIAL_KINDS = Object.keys(CREDENTIALS) as CredentialKind[];

export interface AtsConfig {
  id: string;
  name: string;
  webhookUrl: string | null;
  apiKey: Secret;
  incomingSecret: Secret;
  outgoingSecret: Secret;
  /** Sent to the webhook URL, by name. */
  receiverHeaders: Record<string, Secret>;
  workspaces: WorkspaceOptions[];
}

/** The configured ATSs, and the files that say so. */
export interface AtsSettings {
  file: ConfigFile | null;
  envFile: string | null;
  /** The config file's folder, else the working directory. Relative paths start here. */
  folder: string;
  environment: Environment;
  ats: AtsConfig[];
}

/** What a configuration depends on beside its files. */
export type Around = Pick<Io, 'env' | 'cwd' | 'warn'>;

export interface LoadOptions {
  config?: string;
  /** `--ats-id`: the ATS that the CARVOS_… secrets are for. */
  atsId?: string;
}

/**
 * Reads the ATSs of the config file with their secrets, and no more; the demo one where there is none. What is wrong with
 * the rest is said by `loadValidConfig`: who reads without it needs only the secrets.
 *
 * @param file what was read already.
 * @throws CliError (exit 2) with file, line and field.
 */
export function loadAts(
  io: Around,
  options: LoadOptions,
  file = readConfigFile(io.cwd, options.config),
): AtsSettings {
  const folder = file === null ? io.cwd : dirname(file.path);
  const envFile = readEnvFile(folder);
  const environment = createEnvironment(io.env, envFile, io.warn);
  const ats = listAts(file, environment, options.atsId);
  return { file, envFile: envFile?.path ?? null, folder, environment, ats };
}

function listAts(file: ConfigFile | null, environment: Environment, given: string | undefined): AtsConfig[] {
  const selected = given ?? environment.get('CARVOS_ATS_ID')?.value;
  const list = file?.value.ats;
  // Set around this process, as `exec` sets all of them together; not in `.env`, and not by a flag.
  const isSurrounding = (variable: string) =>
    (variable !== 'CARVOS_ATS_ID' || given === undefined) && environment.get(variable)?.isOwn === true;
  if (file === null || list === undefined) {
    // No ATS configured: whichever is asked for is the demo one under that name.
    return [readAts(null, [], {}, environment, { id: selected ?? DEMO.atsId, mayTake: () => true })];
  }
  if (!Array.isArray(list) || list.length === 0)
    throw configError(file, ['ats'], 'must be a list of at least one ATS');
  const uses = countUses(list);
  return list.map((entry: unknown, index) => {
    if (!isRecord(entry)) throw configError(file, ['ats', index], 'must be an object');
    if (typeof entry.id !== 'string' || entry.id === '')
      throw configError(file, ['ats', index, 'id'], 'must be text');
    const isSelected = selected === undefined ? list.length === 1 : selected === entry.id;
    const own = new Set(namedVariables(entry));
    const isOthers = (variable: string) => (uses.get(variable) ?? 0) > (own.has(variable) ? 1 : 0);
    const mayTake = (variable: string) =>
      isSelected && (!isOthers(variable) || (isSurrounding('CARVOS_ATS_ID') && isSurrounding(variable)));
    return readAts(file, ['ats', index], entry, environment, { id: entry.id, mayTake });
  });
}

/** How many entries take a secret from a variable. */
function countUses(list: readonly unknown[]): Map<unknown, number> {
  const uses = new Map<unknown, number>();
  for (const entry of list)
    for (const variable of new Set(namedVariables(entry))) uses.set(variable, (uses.get(variable) ?? 0) + 1);
  return uses;
}

function namedVariables(entry: unknown): unknown[] {
  if (!isRecord(entry)) return [];
  return [entry.apiKey, entry.incomingSecret, entry.outgoingSecret].flatMap((value) =>
    isRecord(value) ? [value.env] : [],
  );
}

/**
 * The ATS that a command is about: the one given, the one that CARVOS_ATS_ID names, or the only one.
 *
 * @throws CliError (exit 2) when there are several or none of that name.
 */
export function selectAts(
  config: Pick<AtsSettings, 'file' | 'environment' | 'ats'>,
  given?: string,
): AtsConfig {
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

/** The secret that signs one direction's webhooks. */
export function secretOf(ats: AtsConfig, direction: EventDirection): Secret {
  return direction === 'incoming' ? ats.incomingSecret : ats.outgoingSecret;
}

export function configuredSecret(io: Around, direction: EventDirection, options: LoadOptions): Secret {
  return secretOf(selectAts(loadAts(io, options), options.atsId), direction);
}

/**
 * All three credentials.
 *
 * @throws CliError (exit 2) when one is not set.
 */
export function requireCredentials({ apiKey, incomingSecret, outgoingSecret }: AtsConfig) {
  return {
    apiKey: requireSecret(apiKey),
    incomingSecret: requireSecret(incomingSecret),
    outgoingSecret: requireSecret(outgoingSecret),
  };
}

/** @param mayTake whether a CARVOS_… variable is for this ATS: it is for the only or the selected one, unless another names it. */
function readAts(
  file: ConfigFile | null,
  path: (string | number)[],
  entry: Record<string, unknown>,
  environment: Environment,
  { id, mayTake }: { id: string; mayTake: (variable: string) => boolean },
): AtsConfig {
  // Well-known secrets only where nobody set up an ATS of their own.
  const demo = file === null || file.value.ats === undefined || id === DEMO.atsId;
  const secret = (kind: CredentialKind): Secret => {
    const { field: name, label, variable } = CREDENTIALS[kind];
    const field = file === null ? null : { file, path: [...path, name], value: entry[name] };
    return resolveSecret(
      {
        label: `${label} of ${id}`,
        variable: mayTake(variable) ? variable : null,
        field,
        fallback: demo ? DEMO[name] : null,
      },
      environment,
    );
  };
  return {
    id,
    name: (entry.name as string | undefined) ?? (demo ? DEMO.atsName : id),
    webhookUrl: (entry.webhookUrl as string | null | undefined) ?? null,
    apiKey: secret('api_key'),
    incomingSecret: secret('incoming_secret'),
    outgoingSecret: secret('outgoing_secret'),
    receiverHeaders: readHeaders(file, path, entry.receiverHeaders, id, environment),
    workspaces: readWorkspaces(entry.workspaces, demo),
  };
}

function readHeaders(
  file: ConfigFile | null,
  path: (string | number)[],
  given: unknown,
  id: string,
  environment: Environment,
): Record<string, Secret> {
  if (!isRecord(given)) return {};
  const at = [...path, 'receiverHeaders'];
  const headers = Object.entries(given).map(([name, value]) => {
    const field = { file: file!, path: [...at, name], value };
    const label = `header ${name} of ${id}`;
    return [name, resolveSecret({ label, variable: null, field, fallback: null }, environment)] as const;
  });
  return Object.fromEntries(headers);
}

function readWorkspaces(list: unknown, demo: boolean): WorkspaceOptions[] {
  if (!Array.isArray(list)) return demo ? demoWorkspaces() : [];
  type Given = Omit<WorkspaceOptions, 'members'> & Partial<WorkspaceOptions>;
  return (list.filter(isRecord) as unknown as Given[]).map((one) => ({ ...one, members: one.members ?? [] }));
}
