import type { Command } from 'commander';
import { withEmulator } from '../connect/with-emulator.ts';
import { confirm } from '../terminal/confirm.ts';
import { EXIT } from '../terminal/errors.ts';
import type { Io } from '../terminal/io.ts';
import { createOutput } from '../terminal/output.ts';
import { untilSignal } from '../terminal/until-signal.ts';

export function define(command: Command, io: Io): void {
  command
    .option('--yes', 'do not ask for confirmation')
    .addHelpText(
      'after',
      `
Deletes every event, delivery, entity and log record, and every setting that carvos config changed. Afterwards
the ATSs and workspaces of the config file are there again. To keep a copy first: carvos snapshot save.

Examples:
  carvos reset
  carvos reset --yes                     in a script`,
    )
    .action(async (flags: { yes?: boolean }, self: Command) => {
      const output = createOutput(io, self);
      const status = await withEmulator(io, self, async (client) => {
        if (flags.yes !== true) {
          const { url, database, events } = await client.status();
          const question = `Take away everything at ${url} (${database}, ${events} incoming events)?`;
          if (!(await confirm(io, 'reset takes everything away, and there is no terminal to ask', question)))
            return null;
        }
        return await untilSignal(io, client.reset(), 'it may be reset, or not', 'carvos status shows it');
      });
      if (status === null) {
        output.note('nothing was changed');
        io.exitCode = EXIT.notMet;
        return;
      }
      output.document({ ...status });
      output.line(`${status.url} is empty again: ${status.ats.map((ats) => ats.id).join(', ')}`);
    });
}
