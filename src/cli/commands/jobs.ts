import type { Command } from 'commander';
import type { ListedJob } from '../../contract/control.ts';
import { calledAs } from '../../files/called-as.ts';
import { withEmulator } from '../connect/with-emulator.ts';
import { oneOf, wholeNumber } from '../input/flags.ts';
import type { Io } from '../terminal/io.ts';
import { neutralizeLine } from '../terminal/neutralize.ts';
import { createOutput } from '../terminal/output.ts';
import { type Column, formatTable, tableWidth } from '../terminal/table.ts';

const STATES = ['queued', 'done', 'failed'] as const;

interface ListFlags {
  state?: (typeof STATES)[number];
  limit?: number;
  cursor?: string;
}

export function define(command: Command, io: Io): void {
  command
    .command('list', { isDefault: true })
    .description('list AI jobs, newest first')
    .option(
      '--state <state>',
      'only this state: queued (waiting or running), done or failed',
      oneOf('--state', STATES),
    )
    .option('--limit <n>', 'jobs per page, 1 to 1000 (default: 50)', wholeNumber('--limit', 1, 1000))
    .option('--cursor <cursor>', 'go on where the page before ended')
    .action(async (flags: ListFlags, self: Command) => list(self, io, flags));
  command
    .command('rerun')
    .description('run a failed job again: a new outgoing event follows')
    .argument('<id>', 'job_…, or the reference_id')
    .action(async (id: string, _flags: unknown, self: Command) => rerun(self, io, id));
  command.addHelpText('after', HELP);
}

async function list(command: Command, io: Io, flags: ListFlags): Promise<void> {
  const output = createOutput(io, command);
  const { state, limit, cursor } = flags;
  const page = await withEmulator(io, command, (client) => client.jobs({ state, limit, cursor }));
  output.document({ ...page });
  if (page.items.length === 0) {
    output.line('no job matches');
    return;
  }
  for (const line of formatTable(COLUMNS, page.items, tableWidth(io))) output.line(line);
  if (page.next_cursor !== null) output.note(`more: ${calledAs()} jobs --cursor ${page.next_cursor}`);
}

async function rerun(command: Command, io: Io, id: string): Promise<void> {
  const output = createOutput(io, command);
  const job = await withEmulator(io, command, (client) => client.rerunJob(id));
  output.document({ ...job });
  output.line(`${job.id} runs again (run ${job.run}): ${neutralizeLine(job.event)}`);
  output.line(output.paint.dim(`See: ${calledAs()} trace ${job.reference_id}`));
}

const COLUMNS: readonly Column<ListedJob>[] = [
  { title: 'JOB', value: (job) => job.id },
  { title: 'EVENT', value: (job) => job.event },
  { title: 'CLIENT', value: (job) => job.client_id, drop: 2 },
  { title: 'STATE', value: (job) => job.state },
  { title: 'BY', value: (job) => job.attempts.at(-1)?.backend ?? '-' },
  { title: 'ASKED', value: (job) => String(job.attempts.length), align: 'right', drop: 1 },
  { title: 'ERROR', value: (job) => job.error?.code ?? '-' },
  { title: 'REFERENCE', value: (job) => job.reference_id, drop: 3 },
];

const HELP = `
A job that failed made an outgoing event with status "failed". Run again, it makes another, with an event_id of
its own and the same reference_id. What the incoming event changed is not changed again: the AI gets the
candidate, vacancy or application as it is now.

Examples:
  carvos jobs --state failed
  carvos jobs rerun job_12`;
