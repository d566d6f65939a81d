import { maskUrl } from '../../contract/mask-url.ts';
import { webhookPath } from '../../contract/paths.ts';
import { MAX_STEPS, RETRY_DELAYS_MS } from '../../contract/retry-schedule.ts';
import type { Emulator } from '../../emulator/in-process/api.ts';
import type { AiOptions, Settings, Speed } from '../../emulator/settings.ts';
import { isLoopbackHost } from '../../transport/name-lookup.ts';
import { describeDiffering } from '../config/differing-secrets.ts';
import type { Config } from '../config/load.ts';
import { neutralizeLine } from '../terminal/neutralize.ts';
import type { Paint } from '../terminal/output.ts';
import { shellQuote } from '../text/curl.ts';
import { formatDuration } from '../text/duration.ts';
import { describeFault } from '../text/fault.ts';
import { formatLegend } from '../text/feed.ts';

export interface BannerParts {
  emulator: Pick<Emulator, 'url' | 'listAts' | 'faults' | 'status'>;
  settings: Settings;
  config: Pick<Config, 'ats'>;
  database: string;
  /** The built-in receiver's URL, when an ATS has no webhook URL. */
  receiverUrl: string | null;
  host: string;
  /** What clients have to trust, where it speaks TLS. */
  caFile: string | null;
  program: string;
  /** What other commands need to find this gateway, and the config file. */
  commandFlags: string[];
  /** Whether the page is served. */
  portal: boolean;
  /** Whether commands in this folder find it. */
  isFound: boolean;
}

/** What `dev` says when it is ready: where everything is, and what to try first. */
export function formatBanner(parts: BannerParts, paint: Paint): string[] {
  const { emulator, settings, program } = parts;
  const row = (name: string, text: string) => `  ${paint.dim(name.padEnd(10))} ${text}`;
  const lines = [`${paint.bold('carvos')} is ready: a local CarvOS gateway`, ''];
  for (const ats of emulator.listAts()) {
    const configured = settings.ats.find((one) => one.id === ats.id);
    // One that a test or a scenario added.
    if (configured === undefined) continue;
    const target =
      ats.webhookUrl === parts.receiverUrl
        ? `${ats.webhookUrl} ${paint.dim('(built-in receiver)')}`
        : ats.webhookUrl && maskUrl(ats.webhookUrl);
    lines.push(row('incoming', `POST ${emulator.url}${webhookPath(ats.id)}`));
    const { webhookUrl } = configured;
    const inForce = ats.webhookUrl === parts.receiverUrl ? null : ats.webhookUrl;
    const there = webhookUrl === null ? 'none is configured' : `the config file has ${maskUrl(webhookUrl)}`;
    const instead = inForce === webhookUrl ? '' : paint.yellow(` (set with ${program} config set; ${there})`);
    lines.push(row('outgoing', `${target ?? paint.yellow('no webhook URL')}${instead}`));
    lines.push(
      row(
        'workspaces',
        configured.workspaces.map((one) => one.clientId).join(', ') || `none yet: ${program} workspace add`,
      ),
    );
  }
  lines.push(...describeOtherCredentials(parts).map((text) => paint.yellow(`  warning: ${text}`)));
  const signIn = parts.isFound ? ` ${paint.dim(`(${program} open signs you in)`)}` : '';
  if (parts.portal) lines.push(row('page', `${emulator.url}/${signIn}`));
  lines.push(row('schedule', describeSchedule(settings.speed, program)));
  lines.push(row('database', parts.database));
  if (parts.caFile !== null)
    lines.push(row('HTTPS', `clients have to trust ${parts.caFile} ${paint.dim(`(${program} env)`)}`));
  const ai = describeAi(settings.ai ?? {});
  if (ai !== null) lines.push(row('AI', neutralizeLine(ai)));
  const faults = emulator.faults.list();
  if (faults.length > 0) {
    const what = faults.map(describeFault).join('; ');
    lines.push(row('faults', paint.yellow(`${neutralizeLine(what)} ${paint.dim(`(${program} fault)`)}`)));
  }
  if (!isLoopbackHost(parts.host)) {
    lines.push(
      '',
      paint.yellow(
        `  warning: ${parts.host} can be reached by other machines; whoever knows a secret can send`,
      ),
    );
  }
  const first = suggestFirst(parts).map(paint.cyan).join(', then ');
  lines.push('');
  if (parts.isFound) lines.push(`  Try it in another terminal, in this folder: ${first}`);
  lines.push('  Ctrl-C stops.', `  ${formatLegend(paint)}`, '');
  return lines;
}

/** What to type first, complete: it must work as it stands, also with several ATSs and without a workspace. */
function suggestFirst({ config, commandFlags, program }: BannerParts): string[] {
  const ats = config.ats.find(({ workspaces }) => workspaces.length > 0) ?? config.ats[0]!;
  const atsId = config.ats.length > 1 ? ['--ats-id', ats.id] : [];
  const rest = [...atsId, ...commandFlags].map(shellQuote);
  const send = [`${program} send candidate.created --wait`, ...rest].join(' ');
  if (ats.workspaces.length > 0) return [send];
  const [admin, client] = ['admin@acme.example', 'acme-corp'];
  const add = `${program} workspace add ${client} --name Acme --admin-name Admin --admin-email ${admin}`;
  return [[add, ...rest].join(' '), `${send} --client-id ${client} --user-id ${admin}`];
}

/** What was rotated counts until the value in .env or the config file changes: who reads that one should know. */
function describeOtherCredentials({ emulator, config }: BannerParts): string[] {
  const running = emulator.status().ats;
  return config.ats.flatMap((ats) => {
    const view = running.find(({ id }) => id === ats.id);
    return view === undefined ? [] : describeDiffering(ats, view);
  });
}

/** `null` for the plain stub. */
function describeAi(ai: AiOptions): string | null {
  const parts: string[] = [];
  if (ai.playback !== undefined)
    parts.push(`recordings in ${ai.playback}${ai.playbackOrStub ? ', else the stub' : ''}`);
  else if (ai.mode === 'proxy') parts.push(`POST ${maskUrl(ai.url!)}: candidates' data go there`);
  else if (ai.mode === 'module') parts.push(`module ${ai.module}`);
  if (ai.rules && ai.rules.length > 0) parts.push(`rules: ${ai.rules.length}`);
  if (ai.record !== undefined) parts.push(`recorded in ${ai.record}`);
  return parts.length === 0 ? null : parts.join('; ');
}

/** The five attempts, in production time and at this speed. */
function describeSchedule(speed: Speed, program: BannerParts['program']): string {
  const production = RETRY_DELAYS_MS.slice(1)
    .map((ms) => formatDuration(ms))
    .join(', ');
  const text = `${MAX_STEPS} attempts, ${production} apart`;
  if (speed === 'manual') return `${text}; moves only on command: ${program} clock next`;
  if (speed === 'max') return `${text}; jumps to what is due next`;
  const real = RETRY_DELAYS_MS.slice(1)
    .map((ms) => formatDuration(ms / speed))
    .join(', ');
  return speed === 1 ? text : `${text}; at speed ${speed}: ${real}`;
}
