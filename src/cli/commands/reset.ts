import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { withEmulator } from '../connect/with-emulator.ts';
import { CliError } from '../terminal/errors.ts';
import { EXIT } from '../terminal/exit-codes.ts';
import type { Io } from '../terminal/io.ts';
import { createOutput } from '../terminal/output.ts';

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
        if (!flags.yes && !(await confirmed(io, await client.status()))) return null;
        return await client.reset();
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

async function confirmed(
  io: Io,
  status: { url: string; events: number; database: string },
): Promise<boolean> {
  if (!io.stdin.isTTY || !io.stderr.isTTY) {
    throw new CliError('reset takes everything away, and there is no terminal to ask', { next: 'add --yes' });
  }
  const questions = createInterface({ input: io.stdin, output: io.stderr });
  try {
    const answer = await questions.question(
      `Take away everything at ${status.url} (${status.database}, ${status.events} incoming events)? [y/N] `,
    );
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    questions.close();
  }
}
