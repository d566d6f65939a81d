import type { Command } from 'commander';
import type { AssumptionList, AssumptionUse } from '../../contract/control.ts';
import { withEmulator } from '../connect/with-emulator.ts';
import type { Io } from '../terminal/io.ts';
import { neutralizeLine } from '../terminal/neutralize.ts';
import { createOutput, type Output } from '../terminal/output.ts';

const SOURCES = {
  unread: 'documented by CarvOS where we could not read it',
  emu: 'decided by carvos, because nothing says it',
};

export function define(command: Command, io: Io): void {
  command
    .option('--all', 'also list those that nothing has relied on')
    .addHelpText(
      'after',
      `
Where CarvOS's documentation is silent, carvos does something plausible: an assumption. This lists those that
your traffic has relied on since the database was created. Check them before you go live. docs/fidelity.md
explains every entry.

Examples:
  carvos assumptions
  carvos assumptions --all
  carvos assumptions --json | jq -r '.items[] | [.id, .count, .check] | @tsv'`,
    )
    .action(async (flags: { all?: boolean }, self: Command) => {
      const output = createOutput(io, self);
      const list = await withEmulator(io, self, (client) => client.assumptions({ all: flags.all }));
      output.document({ ...list });
      print(list, output);
    });
}

function print(list: AssumptionList, output: Output): void {
  const { paint } = output;
  if (list.relied_on === 0) output.line('nothing has relied on an assumption yet');
  else
    output.line(
      `${list.relied_on} of ${list.total} assumptions were relied on. Check them before you go live.`,
    );
  for (const use of list.items) {
    output.line();
    output.line(`${paint.bold(use.id)}  ${paint.dim(`${howOften(use)}; ${SOURCES[use.source]}`)}`);
    output.line(`  ${use.what}`);
    output.line(`  check: ${use.check}`);
    if (use.sample !== null) output.line(neutralizeLine(`  first seen: ${use.sample}`));
  }
}

function howOften(use: AssumptionUse): string {
  if (!use.observable) return 'no traffic can show it';
  return use.count === 0 ? 'not relied on' : use.count === 1 ? 'once' : `${use.count} times`;
}
