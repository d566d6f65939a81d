import type { Command } from 'commander';
import type { ControlClient } from '../../client/control-client.ts';
import { CONFIG_NAME } from '../config/files.ts';
import { type Config, loadValidConfig } from '../config/load.ts';
import { withEmulator } from '../connect/with-emulator.ts';
import { CliError, EXIT, isCliError } from '../terminal/errors.ts';
import type { Io } from '../terminal/io.ts';
import type { GlobalOptions } from '../terminal/output.ts';

export function readConfig(io: Io, command: Command, atsId: string | undefined): Promise<Config> {
  return loadValidConfig(io, { config: command.optsWithGlobals<GlobalOptions>().config, atsId });
}

/** As `withEmulator`, and without one it says where the value can be changed instead. */
export async function withPortal<T>(
  io: Io,
  command: Command,
  config: Config,
  field: string,
  task: (client: ControlClient) => Promise<T>,
): Promise<T> {
  try {
    return await withEmulator(io, command, task);
  } catch (error) {
    if (!isCliError(error) || error.exitCode !== EXIT.usage) throw error;
    const secret = field !== 'name' && field !== 'webhookUrl';
    const place = secret
      ? `.env beside ${config.file?.path ?? CONFIG_NAME}`
      : (config.file?.path ?? CONFIG_NAME);
    throw new CliError(`nothing was changed: ${error.message}`, {
      next: `start carvos dev; or ${config.file === null ? 'run carvos init and ' : ''}edit ${field} in ${place}`,
      cause: error,
    });
  }
}
