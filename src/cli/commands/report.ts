import type { Command } from 'commander';
import { warnAfterRefusal } from '../connect/warn-differing.ts';
import { withEmulator } from '../connect/with-emulator.ts';
import { collectReport } from '../report/collect.ts';
import { formatReport } from '../report/markdown.ts';
import { judgeSignature } from '../signatures/signature-verdict.ts';
import type { Io } from '../terminal/io.ts';
import { neutralize } from '../terminal/neutralize.ts';
import { createOutput, type GlobalOptions } from '../terminal/output.ts';

export function define(command: Command, io: Io): void {
  command
    .argument('<reference_id>', 'from a 202 or from X-Carv-Causation-ID; or the id of a delivery or event')
    .option('--include-bodies', 'do not mask personal data')
    .addHelpText('after', HELP)
    .action(async (id: string, flags: { includeBodies?: boolean }, self: Command) => {
      const output = createOutput(io, self);
      const { config } = self.optsWithGlobals<GlobalOptions>();
      const data = await withEmulator(io, self, (client) => collectReport(client, id, output));
      const markdown = formatReport(data, {
        includeBodies: flags.includeBodies === true,
        judge: (record, body) => judgeSignature(io, record, record.request.signature, body, config),
      });
      output.document({ reference_id: data.trace.reference_id, markdown });
      if (!output.json) io.stdout.write(neutralize(markdown));
      const attempts = data.deliveries.flatMap((one) => one.attempts);
      await warnAfterRefusal(io, { config }, [...data.requests, ...attempts]);
    });
}

const HELP = `
Secrets and signatures are left out, and values in bodies are masked unless they are known to be harmless
(ids, events, states, scores). Still, read it before you pass it on. The exit code is 2 for an id that this
gateway never gave out.

Examples:
  carvos report 0198c3a0-… > report.md
  carvos report dlv_0198c… --include-bodies            with the real data`;
