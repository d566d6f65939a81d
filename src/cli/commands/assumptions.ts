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
    .command('list', { isDefault: true })
    .description('list those that the traffic of the running gateway relied on')
    .option('--all', 'also list those that nothing has relied on')
    .action(async (flags: { all?: boolean }, self: Command) => list(self, io, flags));
  command
    .command('check')
    .description('compare them with recorded traffic of the real gateway, or with its OpenAPI document')
    .argument('<file...>', 'HAR, curl -v, listen --json or OpenAPI (JSON or YAML); - reads standard input')
    .option('--write', 'write what can be followed to carvos.facts.json, beside the config file')
    .addHelpText('after', CHECK_HELP)
    .action(async (files: string[], flags: { write?: boolean }, self: Command) => {
      const { checkAssumptions } = await import('./assumptions-check.ts');
      await checkAssumptions(self, io, files, flags.write === true);
    });
  command.addHelpText(
    'after',
    `
Where CarvOS's documentation is silent, carvos does something plausible: an assumption. This lists those that
your traffic has relied on since the database was created. Check them before you go live. docs/fidelity.md
(in the npm package and the repository) explains every entry.

Examples:
  carvos assumptions
  carvos assumptions --all
  carvos assumptions check gateway.har openapi.yaml --write
  carvos assumptions --json | jq -r '.items[] | [.id, .count, .check] | @tsv'`,
  );
}

async function list(self: Command, io: Io, flags: { all?: boolean }): Promise<void> {
  const output = createOutput(io, self);
  const found = await withEmulator(io, self, (client) => client.assumptions({ all: flags.all }));
  output.document({ ...found });
  print(found, output);
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
    if (use.fact !== null) output.line(`  by carvos.facts.json instead: ${output.safe(use.fact)}`);
    output.line(`  check: ${use.check}`);
    if (use.sample !== null) output.line(neutralizeLine(`  first seen: ${use.sample}`));
  }
}

function howOften(use: AssumptionUse): string {
  if (!use.observable) return 'no traffic can show it';
  return use.count === 0 ? 'not relied on' : use.count === 1 ? 'once' : `${use.count} times`;
}

const CHECK_HELP = `
Says of each assumption whether what was recorded confirms or refutes it, with the place, and what carvos does
instead; and lists the fields, statuses, headers and error bodies that the contract does not know. With --write,
dev, exec and run follow from then on what was seen, where it can be switched: the header that names the event,
status and body of refusals, the field of the CV, the range of the score, further fields. The file holds no
values that somebody sent. The exit code is 1 when something is refuted that the facts file does not follow.

Examples:
  carvos assumptions check gateway.har
  carvos assumptions check openapi.yaml --write
  carvos listen --json | tee seen.ndjson     then: carvos assumptions check seen.ndjson`;
