import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { outgoingDiffers } from '../config/differing-secrets.ts';
import { refusePlanted } from '../config/files.ts';
import { type Config, loadValidConfig } from '../config/load.ts';
import { resolveSender } from '../config/sender.ts';
import { lookupEmulator } from '../connect/find-gateway.ts';
import { openClient, translateControlError } from '../connect/with-emulator.ts';
import { fileSource, gatewaySource, type Source } from '../inspect/source.ts';
import { CliError } from '../terminal/errors.ts';
import type { Io } from '../terminal/io.ts';
import { type GlobalOptions, wantsColor } from '../terminal/output.ts';

interface Flags extends GlobalOptions {
  db?: string;
}

export function define(command: Command, io: Io): void {
  command
    .option('--db <file>', 'show a database file, read-only, instead of the running gateway')
    .addHelpText('after', HELP)
    .action(async (_flags: unknown, self: Command) => inspect(self, io));
}

async function inspect(command: Command, io: Io): Promise<void> {
  const flags = command.optsWithGlobals<Flags>();
  if (flags.json || io.stdin.isTTY !== true || io.stdout.isTTY !== true || io.env.TERM === 'dumb') {
    const why = flags.json ? 'inspect is a screen and prints no JSON' : 'inspect needs a terminal';
    throw new CliError(why, {
      next: 'carvos deliveries --json gives the same as JSON, with --follow as it happens',
    });
  }
  const config = await loadValidConfig(io, { config: flags.config });
  const left = new AbortController();
  const source =
    flags.db === undefined
      ? await openSource(io, config, left.signal)
      : await fileSource(resolve(io.cwd, flags.db));
  // Ink and React are loaded here and nowhere else.
  const { runInspect } = await import('../inspect/run.tsx');
  io.exitCode = await runInspect({
    io,
    source,
    find: async () => (flags.db === undefined ? findRunning(io, config, left.signal) : null),
    sender: async (atsId) =>
      resolveSender(
        await loadValidConfig(io, { config: flags.config }),
        { atsId: atsId ?? undefined },
        'incoming',
      ),
    color: wantsColor(flags.color, io.env, true),
    signal: left.signal,
  });
  // What a gateway was asked and does not answer would keep the process.
  left.abort();
}

function findRunning(io: Io, config: Config, signal: AbortSignal): Source | null {
  const lookup = lookupEmulator(io, config);
  return lookup.found ? gatewaySource(openClient(lookup, signal), outgoingDiffers(config.ats)) : null;
}

/** The running emulator; else the database that it would have, to look at. */
async function openSource(io: Io, config: Config, signal: AbortSignal): Promise<Source> {
  const lookup = lookupEmulator(io, config);
  if (lookup.found) {
    try {
      const source = gatewaySource(openClient(lookup, signal), outgoingDiffers(config.ats));
      await source.identity();
      return source;
    } catch (error) {
      // The environment named it: then that one is meant, and no file.
      if (lookup.path === null) throw translateControlError(error, null);
    }
  }
  if (config.db === ':memory:') throw new CliError('no gateway is running', { next: 'start `carvos dev`' });
  const database = resolve(config.folder, config.db);
  for (const path of [dirname(database), database]) refusePlanted(path, 'if you trust it, name it with --db');
  try {
    return await fileSource(database);
  } catch (error) {
    throw new CliError('no gateway is running, and there is no database to look at', {
      where: (error as Error).message,
      next: 'start `carvos dev`, or name a database with --db FILE',
      cause: error,
    });
  }
}

const HELP = `
Shows each delivery with its request, response, attempts, signature, AI job and trace. Keys replay, edit, send
and move the clock; ? lists them. Without a running gateway it shows the database, read-only.

Examples:
  carvos inspect
  carvos inspect --db .carvos/carvos.db
  carvos dev --tui                           the gateway with this screen`;
