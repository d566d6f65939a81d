import { resolve } from 'node:path';
import type { Emulator } from '../../emulator/in-process/api.ts';
import type { Settings } from '../../emulator/settings.ts';
import type { Config } from '../config/load.ts';
import { CliError } from '../terminal/errors.ts';
import type { Place } from './flags.ts';

/** How far the default port moves on when it is taken. */
const PORTS_TRIED = 50;

/**
 * Starts the gateway in this process. The emulator is loaded here and only here.
 *
 * @param config its folder is where a relative database file starts from, its environment may set the control token.
 * @throws CliError (exit 2) when the port or the database cannot be had, or two ATSs have one API key.
 */
export async function startGateway(
  place: Place,
  settings: Settings,
  config: Pick<Config, 'folder' | 'environment'>,
): Promise<Emulator> {
  const { startEmulator } = await import('../../emulator/index.ts');
  const inMemory = place.database === ':memory:';
  const last = place.portAsked || place.port === 0 ? place.port : place.port + PORTS_TRIED;
  for (let port = place.port; ; port++) {
    try {
      return await startEmulator({
        ...settings,
        host: place.host,
        port,
        allowHosts: place.allowHosts,
        portal: place.portal,
        database: inMemory ? place.database : resolve(config.folder, place.database),
        inFlight: place.inFlight,
        controlToken: config.environment.get('CARVOS_CONTROL_TOKEN')?.value,
      });
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'EADDRINUSE' && port < last) continue;
      throw explainStart(error, code, message, `${place.host}:${port}`);
    }
  }
}

function explainStart(error: unknown, code: string | undefined, message: string, address: string): unknown {
  if (code === 'EADDRINUSE') {
    return new CliError(`${address} is taken`, {
      next: 'stop the program that has it, or choose another with --port (0 takes any free one)',
      cause: error,
    });
  }
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new CliError(`cannot listen on ${address} (${code})`, {
      next: 'check --host and --port',
      cause: error,
    });
  }
  // An ATS that was renamed, or that another config file had, stays in the database.
  if (code === 'api_key_taken') {
    return new CliError(message, {
      next: 'give each ATS a key of its own, or start with another database: --db FILE',
      cause: error,
    });
  }
  if (code?.startsWith('database_')) return new CliError(message, { cause: error });
  return error;
}
