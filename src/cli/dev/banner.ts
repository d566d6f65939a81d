import { encodeSegment } from '../../client/encode-segment.ts';
import { maskUrl } from '../../contract/mask-url.ts';
import { MAX_STEPS, RETRY_DELAYS_MS } from '../../contract/retry-schedule.ts';
import type { Emulator } from '../../emulator/in-process/api.ts';
import type { AiOptions, Settings, Speed } from '../../emulator/settings.ts';
import { neutralizeLine } from '../terminal/neutralize.ts';
import type { Paint } from '../terminal/output.ts';
import { formatDuration } from '../text/duration.ts';
import { describeFault } from '../text/fault.ts';
import { formatLegend } from '../text/feed.ts';

export interface BannerParts {
  emulator: Pick<Emulator, 'url' | 'listAts' | 'faults'>;
  settings: Settings;
  database: string;
  /** The built-in receiver's URL, when an ATS has no webhook URL. */
  receiverUrl: string | null;
  host: string;
  /** Whether the page is served. */
  portal: boolean;
}

/** What `dev` says when it is ready: where everything is, and what to try first. */
export function formatBanner(parts: BannerParts, paint: Paint): string[] {
  const { emulator, settings } = parts;
  const row = (name: string, text: string) => `  ${paint.dim(name.padEnd(10))} ${text}`;
  const lines = [`${paint.bold('carvos')} is ready: a local CarvOS gateway`, ''];
  for (const ats of emulator.listAts()) {
    const target =
      ats.webhookUrl === parts.receiverUrl
        ? `${ats.webhookUrl} ${paint.dim('(built-in receiver)')}`
        : ats.webhookUrl && maskUrl(ats.webhookUrl);
    lines.push(row('incoming', `POST ${emulator.url}/v1/webhooks/${encodeSegment(ats.id)}`));
    lines.push(row('outgoing', `${target ?? paint.yellow('no webhook URL')}`));
    const workspaces = settings.ats.find((one) => one.id === ats.id)?.workspaces ?? [];
    lines.push(
      row('workspaces', workspaces.map((one) => one.clientId).join(', ') || 'none yet: carvos workspace add'),
    );
  }
  if (parts.portal) lines.push(row('page', `${emulator.url}/ ${paint.dim('(carvos open signs you in)')}`));
  lines.push(row('schedule', describeSchedule(settings.speed)));
  lines.push(row('database', parts.database));
  const ai = describeAi(settings.ai ?? {});
  if (ai !== null) lines.push(row('AI', neutralizeLine(ai)));
  const faults = emulator.faults.list();
  if (faults.length > 0) {
    const what = faults.map(describeFault).join('; ');
    lines.push(row('faults', paint.yellow(`${neutralizeLine(what)} ${paint.dim('(carvos fault)')}`)));
  }
  if (!['127.0.0.1', 'localhost', '::1'].includes(parts.host)) {
    lines.push(
      '',
      paint.yellow(
        `  warning: ${parts.host} can be reached by other machines; whoever knows a secret can send`,
      ),
    );
  }
  lines.push(
    '',
    `  Try it: ${paint.cyan('carvos send candidate.created')} in another terminal. Ctrl-C stops.`,
  );
  lines.push(`  ${formatLegend(paint)}`, '');
  return lines;
}

/** `null` for the plain stub. */
function describeAi(ai: AiOptions): string | null {
  const mode = ai.mode ?? (ai.module ? 'module' : ai.url ? 'proxy' : 'stub');
  const parts: string[] = [];
  if (ai.playback !== undefined)
    parts.push(`recordings in ${ai.playback}${ai.playbackOrStub ? ', else the stub' : ''}`);
  else if (mode === 'proxy') parts.push(`POST ${maskUrl(ai.url!)}: candidates' data go there`);
  else if (mode === 'module') parts.push(`module ${ai.module}`);
  if (ai.rules && ai.rules.length > 0) parts.push(`rules: ${ai.rules.length}`);
  if (ai.record !== undefined) parts.push(`recorded in ${ai.record}`);
  return parts.length === 0 ? null : parts.join('; ');
}

/** The five attempts, in production time and at this speed. */
export function describeSchedule(speed: Speed): string {
  const production = RETRY_DELAYS_MS.slice(1)
    .map((ms) => formatDuration(ms))
    .join(', ');
  const text = `${MAX_STEPS} attempts, ${production} apart`;
  if (speed === 'manual') return `${text}; moves only on command: carvos clock next`;
  if (speed === 'max') return `${text}; jumps to what is due next`;
  const real = RETRY_DELAYS_MS.slice(1)
    .map((ms) => formatDuration(ms / speed))
    .join(', ');
  return speed === 1 ? text : `${text}; at speed ${speed}: ${real}`;
}
