import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { maskUrl } from '../../contract/mask-url.ts';
import { calledAs } from '../../files/called-as.ts';
import { outgoingDiffers } from '../config/differing-secrets.ts';
import { loadValidConfig } from '../config/load.ts';
import { INSECURE_WARNING } from '../config/receiver-tls.ts';
import { createAnnouncement } from '../dev/announce.ts';
import { type BannerParts, formatBanner } from '../dev/banner.ts';
import { addDevFlags, type DevFlags, devPlace, devSettings } from '../dev/flags.ts';
import { watchConfig } from '../dev/reload.ts';
import { runTui } from '../dev/run-tui.ts';
import { startWithReceiver } from '../dev/start-gateway.ts';
import { CliError } from '../terminal/errors.ts';
import type { Io } from '../terminal/io.ts';
import { createOutput, type GlobalOptions } from '../terminal/output.ts';
import { stopOrExit } from '../terminal/stop-or-exit.ts';
import { createFeedFormatter } from '../text/feed.ts';
import { resolveListenerTls } from '../tls/listener-tls.ts';

export function define(command: Command, io: Io): void {
  addDevFlags(command)
    .option('--no-portal', 'do not serve the page for browsers')
    .option('--tui', 'show the screen of carvos inspect; quitting it stops the gateway')
    .addHelpText('after', HELP)
    .action(async (_flags: unknown, self: Command) => dev(self, io));
}

async function dev(command: Command, io: Io): Promise<void> {
  const output = createOutput(io, command);
  const flags = command.optsWithGlobals<DevFlags & GlobalOptions>();
  const tui = flags.tui === true;
  if (tui) requireTerminal(io, output.json);
  // What is said while the screen is shown comes after it.
  const later: string[] = [];
  const note = (text: string) => void (tui ? later.push(text) : output.note(text));
  let isShown = false;
  const stopped = waitForSignal(io, note, () => isShown);
  const config = await loadValidConfig(io, { config: flags.config, atsId: flags.atsId });
  const settings = devSettings(config, io, flags);
  const place = devPlace(config, flags);
  if (settings.receiverTls?.insecure) output.note(output.paint.yellow(INSECURE_WARNING));

  const tls = await resolveListenerTls(flags, { host: place.host, folder: config.folder, cwd: io.cwd });

  /** What has to be ended, the last first, however this ends. */
  const opened: (() => unknown)[] = [];
  try {
    let notFound = null as string | null;
    const announcement = createAnnouncement(config.folder, note);
    // Who sees it ready finds it too.
    const { emulator, receiver } = await startWithReceiver(
      place,
      settings,
      config,
      tls,
      async ({ url, controlToken: token }) => {
        opened.push(announcement.end);
        const started_at = new Date().toISOString();
        const content = { url, token, pid: process.pid, started_at, ca_file: tls?.caFile };
        notFound = await announcement.begin(content);
      },
    );
    opened.push(
      () => receiver.close(),
      () => emulator.close(),
    );
    // What .env says now, also after it was read again.
    let configured = config.ats;
    const formatEntry = createFeedFormatter(output.paint, {
      differing: (id, secret) => outgoingDiffers(configured)(id, secret),
    });
    emulator.subscribe((entry) => {
      output.document({ ...entry });
      if (!output.json && !tui) for (const line of formatEntry(entry)) output.line(line);
    });
    if (notFound !== null) output.note(notFound);

    if (!place.portAsked && emulator.port !== place.port) {
      output.note(`port ${place.port} is taken; using ${emulator.port}`);
    }
    const ats = emulator
      .listAts()
      .map(({ id, webhookUrl }) => ({ id, webhook_url: webhookUrl && maskUrl(webhookUrl) }));
    output.document({ type: 'ready', url: emulator.url, ats, pid: process.pid });
    const banner: BannerParts = {
      emulator,
      settings,
      config,
      database: place.database,
      receiverUrl: receiver.url,
      host: place.host,
      caFile: tls?.caFile ?? null,
      program: calledAs(),
      commandFlags: flags.config === undefined ? [] : ['--config', flags.config],
      portal: place.portal === true,
      isFound: notFound === null,
    };
    if (!output.json && !tui) for (const line of formatBanner(banner, output.paint)) output.line(line);
    // What changed before it looks, it sees as well: nobody has to wait for it.
    const unwatch = await watchConfig(
      config,
      settings.ai?.module,
      async () => {
        // Without it the demo ATS would be added, whose secrets everybody knows.
        if (config.file !== null && !existsSync(config.file.path)) {
          throw new CliError('the config file is gone', { where: config.file.path, next: 'put it back' });
        }
        const next = await loadValidConfig(io, { config: flags.config, atsId: flags.atsId });
        const moved = describeMoved(place, devPlace(next, flags));
        configured = next.ats;
        const wanted = devSettings(next, io, flags);
        const changes = emulator.reload({ ...wanted, fallbackWebhookUrl: receiver.url });
        return { changes: [...changes, ...moved], module: wanted.ai?.module };
      },
      (text, wrong) => note(wrong ? output.paint.yellow(text) : output.paint.cyan(text)),
    );
    opened.push(unwatch);
    await announcement.follow();

    isShown = tui;
    if (tui) io.exitCode = await runTui(io, emulator, { ...flags, caFile: tls?.caFile }, stopped);
    else await stopped;
  } finally {
    for (const end of opened.reverse()) await end();
    for (const text of later) output.note(text);
  }
}

/** @throws CliError (exit 2) before anything is started. */
function requireTerminal(io: Io, json: boolean): void {
  if (!json && io.stdin.isTTY === true && io.stdout.isTTY === true) return;
  throw new CliError(json ? '--tui and --json do not go together' : '--tui needs a terminal', {
    next: 'leave --tui out; carvos dev --json prints what happens as JSON',
  });
}

/**
 * Resolves at the first signal, or when nobody reads any more what it prints; a second signal ends the process at once.
 * Nothing accepted is lost by that.
 */
function waitForSignal(io: Io, note: (text: string) => void, isShown: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    io.goesOn = true;
    io.stdout.once('error', () => resolve());
    const handle = stopOrExit(() => {
      note('stopping: what is in flight is finished first; press Ctrl-C again to stop at once');
      resolve();
    });
    io.onSignal = (signal) => {
      // On the screen Ctrl-C is a key; as a signal it is meant for the editor that was started there.
      if (!isShown() || signal !== 'SIGINT') handle(signal);
    };
  });
}

function describeMoved(before: ReturnType<typeof devPlace>, after: ReturnType<typeof devPlace>): string[] {
  return (['host', 'port', 'database', 'allowHosts', 'inFlight'] as const)
    .filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]))
    .map((field) => `${field} changes with the next start`);
}

const HELP = `
Without a webhook URL, here or in the config file, a built-in receiver takes the webhooks, so that you see
the whole loop at once. The config file and .env are read again when they change.

Examples:
  carvos dev
  carvos dev --webhook-url 3000                        your receiver on localhost:3000
  carvos dev --speed 600                               all five attempts within 16 seconds
  carvos dev --speed manual                            retries only by carvos clock next, advance or drain
  carvos dev --receiver-timeout off                    when you sit at a breakpoint
  carvos dev --ai-url 5000 --record recordings         your AI service answers, and is recorded
  carvos dev --playback recordings                     the same answers, without your service
  carvos dev --db :memory: --port 0 --json
  carvos dev --tui                                     with the screen of carvos inspect`;
