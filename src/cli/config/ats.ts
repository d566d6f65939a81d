import type { WorkspaceOptions } from '../../emulator/options.ts';
import { DEMO, demoWorkspaces } from './defaults.ts';
import { asText, isRecord } from './fields.ts';
import { type ConfigFile, configError } from './files.ts';
import { type Environment, resolveSecret, type Secret } from './secrets.ts';

export interface AtsConfig {
  id: string;
  name: string;
  webhookUrl: string | null;
  apiKey: Secret;
  incomingSecret: Secret;
  outgoingSecret: Secret;
  workspaces: WorkspaceOptions[];
}

/**
 * The ATSs of the config file, with their secrets; the demo one where there is none.
 *
 * @param given `--ats-id`: the ATS that the CARVOS_… secrets are for.
 * @throws CliError (exit 2) with file, line and field.
 */
export function loadAts(
  file: ConfigFile | null,
  environment: Environment,
  given: string | undefined,
): AtsConfig[] {
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
