import type { Command } from 'commander';
import { maskUrl } from '../../contract/mask-url.ts';
import type { Setting, SettingValue } from '../../contract/output/running.ts';
import type { AuditEntry, Credential } from '../../contract/portal.ts';
import { selectAts } from '../config/ats.ts';
import { CONFIG_NAME } from '../config/files.ts';
import { lookupEmulator } from '../connect/find-gateway.ts';
import { withEmulator } from '../connect/with-emulator.ts';
import { durationFlag, oneNamed } from '../input/flags.ts';
import { parseTarget } from '../input/target.ts';
import { effectiveSettings } from '../portal/effective.ts';
import { type RotateFlags, rotate } from '../portal/rotate.ts';
import { readConfig, withPortal } from '../portal/with-portal.ts';
import { CliError, isCliError } from '../terminal/errors.ts';
import type { Io } from '../terminal/io.ts';
import { neutralizeLine } from '../terminal/neutralize.ts';
import { createOutput } from '../terminal/output.ts';
import { formatTable, tableWidth } from '../terminal/table.ts';

const FIELDS = ['name', 'webhook-url'] as const;
const CREDENTIALS: readonly Credential[] = ['api-key', 'incoming-secret', 'outgoing-secret'];
export function define(command: Command, io: Io): void {
  command
    .command('show', { isDefault: true })
    .description('show the settings in force, with secrets as fingerprints')
    .option('--origin', 'show where each value came from')
    .option('--audit', 'show who changed what in the running gateway')
    .option('--ats-id <id>', 'the ATS that the CARVOS_… secrets belong to')
    .action(async (flags: { origin?: boolean; audit?: boolean; atsId?: string }, self: Command) =>
      flags.audit === true ? showAudit(self, io, flags.atsId) : show(self, io, flags),
    );
  command
    .command('set')
    .description('change the name or the webhook URL in the running gateway')
    .argument('<field>', FIELDS.join(' or '), oneNamed('setting', FIELDS))
    .argument('<value>', 'the new value; for webhook-url a URL, host:port, port, or none')
    .option('--ats-id <id>', 'which ATS, if there are several')
    .action(async (field: (typeof FIELDS)[number], value: string, flags: { atsId?: string }, self: Command) =>
      set(self, io, field, value, flags.atsId),
    );
  command
    .command('rotate')
    .description('replace a credential by a new random one, which is printed once')
    .argument('<credential>', CREDENTIALS.join(', '), oneNamed('credential', CREDENTIALS))
    .option(
      '--overlap <duration>',
      'how long the old secret stays valid (default: 0s, it stops at once)',
      durationFlag('--overlap'),
    )
    .option('--write-env', 'also write it to .env, in place of the old one')
    .option('--ats-id <id>', 'which ATS, if there are several')
    .addHelpText('after', ROTATE_HELP)
    .action(async (credential: Credential, flags: RotateFlags, self: Command) =>
      rotate(self, io, credential, flags),
    );
  command.addHelpText('after', HELP);
}

async function show(command: Command, io: Io, flags: { origin?: boolean; atsId?: string }): Promise<void> {
  const output = createOutput(io, command);
  const config = await readConfig(io, command, flags.atsId);
  const status = lookupEmulator(io, config).found
    ? await withEmulator(io, command, (client) => client.status()).catch((error: unknown) => {
        if (!isCliError(error)) throw error;
        output.note(`the running gateway was not asked: ${error.message}`);
        return null;
      })
    : null;
  const settings = effectiveSettings(config, status);
  const known = new Set(config.ats.map(({ id }) => id));
  const others = status?.ats.filter(({ id }) => !known.has(id)).map(({ id }) => id) ?? [];
  output.document({
    config_file: config.file?.path ?? null,
    env_file: config.envFile,
    settings,
    running: status === null ? null : { url: status.url, other_ats: others },
  });
  if (output.json) return;
  output.line(`config file: ${config.file?.path ?? 'none, so defaults'}`);
  output.line(`.env: ${config.envFile ?? 'none'}`);
  output.line();
  const inForce = (one: Setting) => one.running ?? one.running_fingerprint;
  const differs = settings.some((one) => inForce(one) !== undefined);
  const columns = [
    { title: 'SETTING', value: (one: Setting) => one.field },
    { title: 'VALUE', value: (one: Setting) => text(one.value ?? one.value_fingerprint ?? null), min: 12 },
    ...(flags.origin === true ? [{ title: 'FROM', value: (one: Setting) => one.origin, min: 10 }] : []),
    ...(differs
      ? [{ title: 'RUNNING GATEWAY', value: (one: Setting) => text(inForce(one) ?? ''), min: 12 }]
      : []),
  ];
  for (const line of formatTable(columns, settings, tableWidth(io))) output.line(line);
  if (differs) {
    output.note(
      'The running gateway differs: by a flag of dev, by its built-in receiver, or because `config` or the control API changed it. What was changed so counts until the value here changes.',
    );
  }
  if (others.length > 0) output.note(`Only in the database: ATS ${others.map(neutralizeLine).join(', ')}`);
}

async function showAudit(command: Command, io: Io, atsId: string | undefined): Promise<void> {
  const output = createOutput(io, command);
  const page = await withEmulator(io, command, (client) => client.audit({ ats_id: atsId, limit: 1000 }));
  output.document({ ...page });
  if (output.json) return;
  const columns = [
    { title: 'AT', value: (one: AuditEntry) => one.at },
    { title: 'BY', value: (one: AuditEntry) => ACTORS[one.actor] },
    { title: 'ATS', value: (one: AuditEntry) => one.ats_id, min: 6, drop: 1 },
    { title: 'CHANGE', value: describeChange, min: 20 },
  ];
  for (const line of formatTable(columns, page.items, tableWidth(io))) output.line(line);
  if (page.next_cursor !== null)
    output.note('There are older ones; GET /_carvos/v1/audit pages through them.');
}

const ACTORS: Record<AuditEntry['actor'], string> = {
  control: 'control API',
  config: 'config file',
  ats: 'the ATS',
};

function describeChange({ action, details }: AuditEntry): string {
  const { before, after, before_fingerprint, after_fingerprint, field, credential, ...rest } = details;
  const [from, to] = [before ?? before_fingerprint, after ?? after_fingerprint];
  const what = [action, field ?? credential].filter(Boolean).join(' ');
  const change = from === undefined && to === undefined ? '' : `  ${from ?? 'not set'} → ${to ?? 'not set'}`;
  const more = Object.entries(rest).filter(([, value]) => value !== null);
  return `${what}${change}${more.map(([name, value]) => `  ${name} ${value}`).join('')}`;
}

async function set(
  command: Command,
  io: Io,
  field: (typeof FIELDS)[number],
  value: string,
  atsId: string | undefined,
): Promise<void> {
  const output = createOutput(io, command);
  const config = await readConfig(io, command, atsId);
  const id = atsId ?? selectAts(config).id;
  if (field === 'name' && (value === '' || value.length > 255)) {
    throw new CliError('a name has 1 to 255 characters');
  }
  const url = field === 'name' || value === 'none' ? null : parseTarget(value, 'webhook-url').href;
  const change = field === 'name' ? { name: value } : { webhook_url: url };
  const key = field === 'name' ? 'name' : 'webhookUrl';
  const ats = await withPortal(io, command, config, key, (client) => client.changeAts(id, change));
  output.document({ ...ats });
  const now = field === 'name' ? value : url === null ? 'not set' : maskUrl(url);
  output.line(neutralizeLine(`${id}: ${field} is now ${now}`));
  const also = key === 'webhookUrl' ? ', or dev starts with --webhook-url' : '';
  output.note(`It survives restarts, until ${key} in ${CONFIG_NAME} is changed${also}.`);
}

function text(value: SettingValue): string {
  if (value === null) return '-';
  return typeof value === 'object' ? value.join(', ') || '-' : String(value);
}

const ROTATE_HELP = `
Standard output has the new value and nothing else. Outgoing webhooks are signed with the new secret at once,
also with --overlap: the overlap is the time in which your receiver should accept both.

Examples:
  carvos config rotate api-key --write-env
  carvos config rotate incoming-secret --overlap 1h
  carvos config rotate outgoing-secret --json | jq -r .value`;

const HELP = `
A flag wins over the environment, that over .env and carvos.config.json, and those over the defaults.
set and rotate change the running gateway; carvos.config.json stays as it is. What they changed counts until
the value in the file or in .env changes, or until dev starts with a flag for it; dev says so at its start.

Examples:
  carvos config show --origin
  carvos config show --audit
  carvos config set webhook-url 3000/webhooks/carvos
  carvos config rotate incoming-secret --overlap 1h --write-env`;
