import { dirname, resolve } from 'node:path';
import type { Emulator } from '../../emulator/in-process/api.ts';
import type { EmulatorOptions, Settings } from '../../emulator/settings.ts';
import { ignoreOwnFolder } from '../../files/ignore-own-folder.ts';
import type { Config } from '../config/load.ts';
import { CliError } from '../terminal/errors.ts';
import type { ListenerTls } from '../tls/listener-tls.ts';
import { type BuiltInReceiver, startBuiltInReceiver } from './built-in-receiver.ts';
import type { Place } from './flags.ts';

/** How far the default port moves on when it is taken. */
const PORTS_TRIED = 50;

/**
 * Starts the gateway in this process. The emulator is loaded here and only here.
 *
 * @param config its folder is where a relative database file starts from, its environment may set the control token.
 * @param onListening see there.
 * @throws CliError (exit 2) when the port or the database cannot be had, or two ATSs have one API key.
 */
export async function startGateway(
  place: Place,
  settings: Settings,
  config: Pick<Config, 'folder' | 'environment'>,
  onListening?: EmulatorOptions['onListening'],
  tls?: ListenerTls,
): Promise<Emulator> {
  const { startEmulator } = await import('../../emulator/index.ts');
  const inMemory = place.database === ':memory:';
  const database = inMemory ? place.database : resolve(config.folder, place.database);
  const last = place.portAsked || place.port === 0 ? place.port : place.port + PORTS_TRIED;
  for (let port = place.port; ; port++) {
    try {
      const emulator = await startEmulator({
        ...settings,
        host: place.host,
        port,
        allowHosts: place.allowHosts,
        portal: place.portal,
        database,
        inFlight: place.inFlight,
        tls: tls && { cert: tls.cert, key: tls.key },
        onListening,
        controlToken: config.environment.get('CARVOS_CONTROL_TOKEN')?.value,
      });
      if (!inMemory) ignoreOwnFolder(dirname(database));
      return emulator;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'EADDRINUSE' && port < last) continue;
      throw explainStart(error, code, message, `${place.host}:${port}`);
    }
  }
}

/** The same with a built-in receiver for what has no webhook URL. Where one cannot be had, the other does not stay. */
export async function startWithReceiver(
  place: Place,
  settings: Settings,
  config: Pick<Config, 'folder' | 'environment'>,
  tls?: ListenerTls,
): Promise<{ emulator: Emulator; receiver: BuiltInReceiver }> {
  let running: Emulator | undefined;
  const receiver = await startBuiltInReceiver(settings, () => running);
  try {
    running = await startGateway(place, settings, config, undefined, tls);
    return { emulator: running, receiver };
  } catch (error) {
    await receiver.close();
    throw error;
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
