import { createReadStream, existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { ControlError } from '../../client/errors.ts';
import { withEmulator } from '../connect/with-emulator.ts';
import { writeSnapshot } from '../connect/write-snapshot.ts';
import { confirm } from '../terminal/confirm.ts';
import { CliError, EXIT } from '../terminal/errors.ts';
import { fileError, type Io } from '../terminal/io.ts';
import { createOutput } from '../terminal/output.ts';
import { untilSignal } from '../terminal/until-signal.ts';

interface SaveFlags {
  withoutSecrets?: boolean;
  force?: boolean;
}

export function define(command: Command, io: Io): void {
  command
    .command('save')
    .description('save everything that the running gateway holds to a file')
    .argument('<file>', 'the file to write; it must not exist')
    .option('--without-secrets', 'leave out signing secrets and API keys')
    .option('--force', 'overwrite the file')
    .action(async (file: string, flags: SaveFlags, self: Command) => save(self, io, file, flags));
  command
    .command('restore')
    .description('replace everything that the running gateway holds by a saved file')
    .argument('<file>', 'a file that carvos snapshot save wrote')
    .option('--yes', 'do not ask')
    .action(async (file: string, flags: { yes?: boolean }, self: Command) => restore(self, io, file, flags));
  command.addHelpText(
    'after',
    `
The file is an SQLite database with every body, and with the secrets unless you leave them out. When you restore
a snapshot without secrets, the secrets of the configuration are used.

Examples:
  carvos snapshot save before.db
  carvos snapshot save bug-123.db --without-secrets      to pass on
  carvos snapshot restore before.db
  carvos snapshot restore before.db --yes                without a terminal`,
  );
}

async function save(command: Command, io: Io, name: string, flags: SaveFlags): Promise<void> {
  const output = createOutput(io, command);
  const path = resolve(io.cwd, name);
  if (existsSync(path) && !flags.force) {
    throw new CliError(`${name} exists already`, { next: 'choose another name, or add --force' });
  }
  const secrets = !flags.withoutSecrets;
  try {
    await withEmulator(io, command, (client) => writeSnapshot(client, path, { secrets }));
  } catch (error) {
    throw fileError(error, name, 'write');
  }
  const { size } = statSync(path);
  output.document({ file: path, bytes: size, secrets });
  output.line(`saved ${name}, ${Math.ceil(size / 1024)} KiB, ${secrets ? 'with' : 'without'} secrets`);
}

async function restore(command: Command, io: Io, name: string, flags: { yes?: boolean }): Promise<void> {
  const output = createOutput(io, command);
  const path = resolve(io.cwd, name);
  try {
    if (!statSync(path).isFile()) throw new CliError(`${name} is not a file`);
  } catch (error) {
    throw fileError(error, name, 'read');
  }
  const status = await withEmulator(io, command, async (client) => {
    if (flags.yes !== true) {
      const { url, database, events } = await client.status();
      const question = `Put ${name} in place of everything at ${url} (${database}, ${events} incoming events)?`;
      if (
        !(await confirm(
          io,
          'snapshot restore replaces everything, and there is no terminal to ask',
          question,
        ))
      )
        return null;
    }
    const restored = client.restore(createReadStream(path)).catch((error: unknown) => {
      throw fileError(refusal(error, name), name, 'read');
    });
    return await untilSignal(io, restored, `${name} may be restored, or not`, 'carvos status shows it');
  });
  if (status === null) {
    output.note('nothing was changed');
    io.exitCode = EXIT.notMet;
    return;
  }
  output.document({ ...status });
  const { pending, delivered, exhausted } = status.deliveries;
  output.line(
    `restored ${name}: ${status.events} incoming ${status.events === 1 ? 'event' : 'events'}, deliveries: ${pending} pending, ${delivered} delivered, ${exhausted} exhausted`,
  );
}

/** What the gateway says of the file is a fault of the file: exit 2. */
function refusal(error: unknown, name: string): unknown {
  if (!(error instanceof ControlError) || error.status !== 422) return error;
  return new CliError(`${name}: ${String(error.detail)}`, {
    next: 'nothing was replaced; restore a file that `carvos snapshot save` wrote',
    cause: error,
  });
}
