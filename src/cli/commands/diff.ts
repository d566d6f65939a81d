import type { Command } from 'commander';
import { checkId } from '../connect/read-attempt.ts';
import { withEmulator } from '../connect/with-emulator.ts';
import { compareSides, loadSide } from '../diff/compare-deliveries.ts';
import { formatComparison } from '../diff/diff-text.ts';
import { judgeSignature } from '../signatures/signature-verdict.ts';
import type { Io } from '../terminal/io.ts';
import { createOutput, type GlobalOptions } from '../terminal/output.ts';

export function define(command: Command, io: Io): void {
  command
    .argument('<before>', 'dlv_… (its newest attempt) or one attempt, dlv_…/3')
    .argument('<after>', 'the delivery or attempt to compare with')
    .addHelpText('after', HELP)
    .action(async (before: string, after: string, _flags: unknown, self: Command) => {
      const output = createOutput(io, self);
      const { config } = self.optsWithGlobals<GlobalOptions>();
      for (const id of [before, after]) checkId(id);
      const sides = await withEmulator(io, self, (client) =>
        Promise.all([loadSide(client, before), loadSide(client, after)]),
      );
      const found = compareSides(...sides, (side, attempt) =>
        judgeSignature(io, attempt, attempt.request.signature, side.body, config),
      );
      output.document({ ...found });
      for (const line of formatComparison(found, output.paint)) output.line(line);
    });
}

const HELP = `
When two bodies are the same JSON but differ in bytes, diff says how: key order, number spelling, escapes,
whitespace. Signatures are checked with the configured secret. The exit code is 0 whatever differs.

Examples:
  carvos diff dlv_0198c… dlv_0199a…
  carvos diff dlv_0198c…/1 dlv_0198c…/2                two attempts
  carvos diff dlv_0198c… dlv_0199a… --json | jq .body.values`;
