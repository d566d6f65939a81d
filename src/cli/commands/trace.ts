import type { Command } from 'commander';
import { findTrace } from '../connect/find-trace.ts';
import { withEmulator } from '../connect/with-emulator.ts';
import type { Io } from '../terminal/io.ts';
import { createOutput } from '../terminal/output.ts';
import { formatTrace } from '../text/trace.ts';

export function define(command: Command, io: Io): void {
  command
    .argument('<reference_id>', 'of a 202 or of X-Carv-Causation-ID; the id of a delivery or event also does')
    .addHelpText('after', HELP)
    .action(async (id: string, _flags: unknown, self: Command) => {
      const output = createOutput(io, self);
      const trace = await withEmulator(io, self, (client) => findTrace(client, id, output));
      output.document({ ...trace });
      for (const line of formatTrace(trace, output.paint)) output.line(line);
    });
}

const HELP = `
Times count from the acceptance to the end of each attempt: PRODUCTION as the production schedule would
have it, REAL by the wall clock. Ends with 2 for an id that this gateway never gave out.

Examples:
  carvos trace 0198c3a0-…
  carvos trace dlv_0198c…                              the reference behind a delivery
  carvos trace 0198c3a0-… --json | jq '.deliveries[].attempts[].outcome'
`;
