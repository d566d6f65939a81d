import type { Command } from 'commander';
import { ALL_EVENTS } from '../../contract/event-names.ts';
import type { FaultRuleInput } from '../../contract/fault-rule.ts';
import type { FaultView } from '../../contract/fault-view.ts';
import {
  FAULT_KINDS,
  FAULT_POINTS,
  type FaultKind,
  type FaultPoint,
  kindTexts,
} from '../../contract/faults.ts';
import { calledAs } from '../../files/called-as.ts';
import { withEmulator } from '../connect/with-emulator.ts';
import { durationFlag, oneNamed, oneOf, wholeNumber } from '../input/flags.ts';
import { CliError } from '../terminal/errors.ts';
import type { Io } from '../terminal/io.ts';
import { neutralizeLine } from '../terminal/neutralize.ts';
import { createOutput } from '../terminal/output.ts';
import { type Column, formatTable, tableWidth } from '../terminal/table.ts';
import { describeFault, describeKinds } from '../text/fault.ts';

interface AddFlags {
  on?: FaultPoint;
  id?: string;
  event?: string;
  clientId?: string;
  atsId?: string;
  share?: number;
  first?: number;
  count?: number;
  delay?: number;
  retryAfter?: number;
}

export function define(command: Command, io: Io): void {
  command
    .command('list', { isDefault: true })
    .description('list the faults in force; the first that matches is applied')
    .action(async (_flags: unknown, self: Command) => list(self, io));
  command
    .command('add')
    .description('add a fault')
    .argument(
      '<kind>',
      'the kind of fault, from the list below',
      oneNamed('fault', FAULT_KINDS, kindTexts(FAULT_KINDS)),
    )
    .option(
      '--on <where>',
      'where: delivery (to your receiver), ingress (the answer to your ATS) or ai (the AI backend) (default: delivery)',
      oneOf('--on', FAULT_POINTS),
    )
    .option('--event <event>', 'only this event', oneOf('--event', ALL_EVENTS))
    .option('--client-id <id>', 'only this workspace')
    .option('--ats-id <id>', 'only this ATS')
    .option('--share <share>', 'apply it to this share of the attempts: 0.2 or 20%', parseShare)
    .option('--first <n>', 'only the first N attempts of each event', wholeNumber('--first', 1, 1000))
    .option('--count <n>', 'N times in all', wholeNumber('--count', 1, 999_999_999))
    .option(
      '--delay <duration>',
      'for reorder, delay and slow: how long, in real time (default: 2s)',
      durationFlag('--delay'),
    )
    .option(
      '--retry-after <seconds>',
      'for a status: the Retry-After header (default: 1 for status-429, otherwise none)',
      wholeNumber('--retry-after', 0, 86_400),
    )
    .option('--id <id>', 'a name of your own, to clear it by')
    .addHelpText('after', ADD_HELP)
    .action(async (kind: FaultKind, flags: AddFlags, self: Command) => add(self, io, kind, flags));
  command
    .command('clear')
    .description('clear one fault, or all')
    .argument('[id]', 'the fault to clear (default: all)')
    .action(async (id: string | undefined, _flags: unknown, self: Command) => clear(self, io, id));
  command.addHelpText('after', HELP);
}

async function add(command: Command, io: Io, kind: FaultKind, flags: AddFlags): Promise<void> {
  const output = createOutput(io, command);
  const rule: FaultRuleInput = {
    id: flags.id,
    kind,
    on: flags.on,
    event: flags.event,
    client_id: flags.clientId,
    ats_id: flags.atsId,
    share: flags.share,
    first: flags.first,
    count: flags.count,
    delay_ms: flags.delay === undefined ? undefined : Math.round(flags.delay),
    retry_after: flags.retryAfter,
  };
  const { FaultRule } = await import('../../contract/fault-rule.ts');
  const checked = FaultRule.safeParse(rule);
  if (!checked.success) {
    const problems = checked.error.issues.map(({ path, message }) => `${flagOf(path)}: ${message}`);
    throw new CliError(problems.join('; '), { next: 'carvos fault add --help lists the kinds' });
  }
  const added = await withEmulator(io, command, (client) => client.addFault(rule));
  output.document({ ...added });
  output.line(`${output.paint.bold(added.id)}  ${neutralizeLine(describeFault(added))}`);
  output.line(output.paint.dim(`To clear it: ${calledAs()} fault clear ${added.id}`));
}

async function list(command: Command, io: Io): Promise<void> {
  const output = createOutput(io, command);
  const faults = await withEmulator(io, command, (client) => client.faults());
  output.document({ ...faults });
  if (faults.items.length === 0) {
    output.line(`No fault is in force. ${calledAs()} fault add --help lists the kinds.`);
    return;
  }
  for (const line of formatTable(COLUMNS, faults.items, tableWidth(io))) output.line(line);
  output.line(output.paint.dim(`The first fault that matches is applied. Seed ${faults.seed}.`));
}

async function clear(command: Command, io: Io, id: string | undefined): Promise<void> {
  const output = createOutput(io, command);
  const { cleared } = await withEmulator(io, command, (client) => client.clearFaults(id));
  output.document({ cleared });
  output.line(cleared.length === 0 ? 'there was no fault to clear' : `Cleared: ${cleared.join(', ')}`);
}

const COLUMNS: readonly Column<FaultView>[] = [
  { title: 'ID', value: (fault) => fault.id },
  { title: 'FAULT', value: describeFault, min: 24 },
  { title: 'APPLIED', value: (fault) => String(fault.applied_count), align: 'right' },
  { title: 'LEFT', value: (fault) => String(fault.remaining ?? '-'), align: 'right' },
  { title: 'FROM', value: (fault) => fault.origin, drop: 1 },
];

function parseShare(text: string): number {
  const percent = text.endsWith('%');
  const number = Number(percent ? text.slice(0, -1) : text) / (percent ? 100 : 1);
  if (text.trim() !== '' && number > 0 && number <= 1) return number;
  throw new CliError(`--share: ${JSON.stringify(text)} is not a share`, {
    next: 'write it like 0.2 or 20%, above 0 and at most 1',
  });
}

function flagOf(path: readonly PropertyKey[]): string {
  const name = String(path[0] ?? '');
  return name === 'kind' ? 'the kind' : `--${name.replace(/_ms$/, '').replaceAll('_', '-')}`;
}

const EXAMPLES = `
Examples:
  carvos fault add status-503 --first 2                      two failures, then recover
  carvos fault add wrong-signature --share 20% --event candidate.created
  carvos fault add status-429 --on ingress --retry-after 5 --count 3
  carvos fault add lost-ack --client-id acme-corp
  carvos fault add status-500 --on ai --first 1              the AI fails once, then answers
  carvos fault clear`;

const HELP = `
Faults that you add stay until you clear them, also after a restart. Faults of the config file are in force as
long as they stand there.
${EXAMPLES}`;

const ADD_HELP = `
Kinds, and where each can act:
${describeKinds().join('\n')}

Which attempts --share applies to is drawn from the seed (carvos dev --seed), the fault's id, the workspace, the
incoming event_id and the number of the attempt: the same events get the same faults, in any order. Only --count
depends on the order. A replay is a later attempt of its event, so that --first does not apply to it.
${EXAMPLES}`;
