import type { Command } from 'commander';
import { findTrace } from '../connect/find-trace.ts';
import { withEmulator } from '../connect/with-emulator.ts';
import type { Io } from '../terminal/io.ts';
import { createOutput } from '../terminal/output.ts';
import { formatTrace } from '../text/trace.ts';

export function define(command: Command, io: Io): void {
  command
    .argument('<reference_id>', 'from a 202 or from X-Carv-Causation-ID; or the id of a delivery or event')
    .addHelpText('after', HELP)
    .action(async (id: string, _flags: unknown, self: Command) => {
      const output = createOutput(io, self);
      const trace = await withEmulator(io, self, (client) => findTrace(client, id, output));
      output.document({ ...trace });
      for (const line of formatTrace(trace, output.paint)) output.line(line);
    });
}

const HELP = `
Times count from when the gateway accepted the event to the end of each attempt: PRODUCTION is what the schedule
takes in production, REAL what passed here. The exit code is 2 for an id that this gateway never gave out.

Examples:
  carvos trace 0198c3a0-…
  carvos trace dlv_0198c…                              the reference behind a delivery
  carvos trace 0198c3a0-… --json | jq '.deliveries[].attempts[].outcome'`;
