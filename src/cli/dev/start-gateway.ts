import { dirname, resolve } from 'node:path';
import { type Receiver, startReceiver } from '../../client/receiver.ts';
import { isControlToken } from '../../contract/control/calls.ts';
import type { Emulator } from '../../emulator/in-process/api.ts';
import type { EmulatorOptions, Settings } from '../../emulator/settings.ts';
import { ignoreOwnFolder } from '../../files/ignore-own-folder.ts';
import type { Config } from '../config/load.ts';
import { CliError } from '../terminal/errors.ts';
import type { ListenerTls } from '../tls/listener-tls.ts';
import type { Place } from './flags.ts';

/** How far the default port moves on when it is taken. */
const PORTS_TRIED = 50;

/**
 * Starts the gateway in this process. The emulator is loaded here and only here.
 *
 * @param config its folder is where a relative database file starts from, its environment may set the control token.
 * @throws CliError (exit 2) when the port or the database cannot be had, two ATSs have one API key, or the control token
 *   is none.
 */
export async function startGateway(
  place: Place,
  settings: Settings,
  config: Pick<Config, 'folder' | 'environment'>,
  tls?: ListenerTls,
  onListening?: EmulatorOptions['onListening'],
): Promise<Emulator> {
  const { startEmulator } = await import('../../emulator/index.ts');
  const { portAsked, port: first, ...fixed } = place;
  const inMemory = place.database === ':memory:';
  const database = inMemory ? place.database : resolve(config.folder, place.database);
  const controlToken = readControlToken(config);
  const last = portAsked || first === 0 ? first : first + PORTS_TRIED;
  for (let port = first; ; port++) {
    try {
      const emulator = await startEmulator({
        ...settings,
        ...fixed,
        port,
        database,
        tls: tls && { cert: tls.cert, key: tls.key },
        onListening,
        controlToken,
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

/** What the environment sets. With one that no client can send, nobody would get in. */
function readControlToken({ environment }: Pick<Config, 'environment'>): string | undefined {
  const set = environment.get('CARVOS_CONTROL_TOKEN');
  if (set === null || isControlToken(set.value)) return set?.value;
  throw new CliError('CARVOS_CONTROL_TOKEN cannot stand in a header, as the control token has to', {
    where: set.origin,
    next: 'choose one of letters, digits and signs of ASCII, without a space at its ends',
  });
}

/** The same with a built-in receiver for what has no webhook URL. Where one cannot be had, the other does not stay. */
export async function startWithReceiver(
  ...options: Parameters<typeof startGateway>
): Promise<{ emulator: Emulator; receiver: BuiltInReceiver }> {
  let running: Emulator | undefined;
  const receiver = await startBuiltInReceiver(options[1], () => running);
  try {
    running = await startGateway(...options);
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

export interface BuiltInReceiver extends Receiver {
  /** Deliveries that it took. */
  readonly taken: number;
}

/**
 * Shows the whole loop where an ATS has no receiver yet: takes its deliveries until a webhook URL is set.
 * On any free port: nobody configures this one.
 *
 * @param settings get its URL; their secrets count until the gateway runs.
 * @param running the gateway, once there is one: it knows secrets that were rotated.
 */
async function startBuiltInReceiver(
  settings: Settings,
  running: () => Emulator | undefined,
): Promise<BuiltInReceiver> {
  const events = new Set<string>();
  const receiver = await startReceiver({
    port: 0,
    secrets: () => running()?.outgoingSecrets() ?? settings.ats.map((one) => one.outgoingSecret),
    onRequest: ({ event_id, verdict }) => {
      if (verdict.valid && event_id !== null) events.add(event_id);
    },
  });
  settings.fallbackWebhookUrl = receiver.url;
  return {
    ...receiver,
    get taken() {
      return events.size;
    },
  };
}
