import type { Command } from 'commander';
import type { ControlClient } from '../../client/control-client.ts';
import { pageFilePath } from '../../client/emulator-file.ts';
import { getHead } from '../../client/post-bytes.ts';
import { PAGE_PREFIX } from '../../contract/control/calls.ts';
import { replaceFile } from '../../files/draft-file.ts';
import { readCertificates } from '../../transport/authorities.ts';
import { loadAts } from '../config/ats.ts';
import { lookupEmulator } from '../connect/find-gateway.ts';
import { findTrace } from '../connect/find-trace.ts';
import { withEmulator } from '../connect/with-emulator.ts';
import { CliError, EXIT } from '../terminal/errors.ts';
import type { Io } from '../terminal/io.ts';
import { createOutput, type GlobalOptions, type Output } from '../terminal/output.ts';

/** Real milliseconds that the page gets. */
const PAGE_MS = 10_000;

interface Options extends GlobalOptions {
  print?: boolean;
}

export function define(command: Command, io: Io): void {
  command
    .argument('[id]', 'a delivery (dlv_…) or a reference_id to show')
    .option('--print', 'print the address, which holds the control token, instead of opening it')
    .addHelpText(
      'after',
      `
Opens the page of the running gateway in your browser, signed in. Where there is no browser, it prints the
address.

Examples:
  carvos open
  carvos open dlv_0198c…
  carvos open --print`,
    )
    .action(async (id: string | undefined, _options: unknown, self: Command) => openPage(self, io, id));
}

async function openPage(command: Command, io: Io, id: string | undefined): Promise<void> {
  const output = createOutput(io, command);
  const { print = false, config: file } = command.optsWithGlobals<Options>();
  const lookup = lookupEmulator(io, loadAts(io, { config: file }));
  // Says what is wrong where nothing runs there, another token is the right one, or nothing has this id.
  const place = await withEmulator(io, command, (client) => placeOf(client, id, output));
  if (!lookup.found) return;
  const page = new URL(`${PAGE_PREFIX}/${place}`, lookup.url).href;
  const tls = lookup.caFile === undefined ? undefined : { ca: readCertificates(lookup.caFile) };
  const answer = await getHead({ url: page, tls, timeoutMs: PAGE_MS });
  if (!answer.ok) throw new CliError(answer.message, { next: answer.hint, exitCode: EXIT.unreachable });
  if (answer.status !== 200) {
    throw new CliError('that gateway serves no page', {
      where: page,
      next: 'start carvos dev without --no-portal, or exec with --portal',
      exitCode: EXIT.refused,
    });
  }
  const address = `${page}#token=${encodeURIComponent(lookup.token)}`;
  const opened =
    !print && lookup.path !== null && hasBrowser(io) && (await openInBrowser(lookup.path, address));
  output.document({ url: page, opened });
  output.line(opened ? `opened ${page}` : address);
}

/** Where the page shows it. @throws CliError (exit 2) or ControlError (404) for an id that the gateway does not know. */
async function placeOf(client: ControlClient, id: string | undefined, output: Output): Promise<string> {
  if (id === undefined) {
    await client.status();
    return '';
  }
  if (!id.startsWith('dlv_')) return `trace/${(await findTrace(client, id, output)).reference_id}`;
  await client.delivery(id.split('/')[0]!);
  return `deliveries/${encodeURIComponent(id)}`;
}

/** On Linux a browser needs a screen. */
function hasBrowser({ env }: Io): boolean {
  return process.platform !== 'linux' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY || env.WSL_DISTRO_NAME);
}

/**
 * Opens a file that leads there: what a browser is started with can be read by every user of this machine, and the
 * address holds the token. The file lies beside that of the gateway, which holds it too, and goes with it.
 *
 * @returns whether the system knew how.
 */
async function openInBrowser(emulatorFile: string, address: string): Promise<boolean> {
  const path = pageFilePath(emulatorFile);
  const target = address.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
  replaceFile(
    path,
    `<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer"><meta http-equiv="refresh" content="0;url=${target}"><title>carvos</title><a href="${target}">carvos</a>\n`,
  );
  const { default: open } = await import('open');
  try {
    const browser = await open(path);
    return await new Promise((resolve) => {
      browser.once('error', () => resolve(false));
      browser.once('spawn', () => resolve(true));
      if (browser.pid !== undefined) resolve(true);
    });
  } catch {
    return false;
  }
}
