import type { Command } from 'commander';
import type { DiagnosisView } from '../../contract/diagnosis.ts';
import { type DiagnoseOptions, diagnoseInSteps } from '../../signing/index.ts';
import { readAttempt } from '../connect/read-attempt.ts';
import { withEmulator } from '../connect/with-emulator.ts';
import type { Io } from '../terminal/io.ts';
import type { Output } from '../terminal/output.ts';

/**
 * What `verify` needs only when a signature fails, or for a recorded request. It is loaded when it is
 * needed: `verify` of a good signature must start as fast as Node does.
 */
export { formatDiagnosis } from '../text/diagnosis.ts';
export { countSignatures, findMisnamed, readRecordedRequest } from './request-file.ts';

/** Steps that are spent on combinations where somebody waits before a terminal: a few seconds. */
const PATIENT = 1_000_000;
/** Nothing is shown of a search that ends before that. */
const QUIET_MS = 400;

/**
 * Diagnoses at once; where all goes to a terminal with more patience, and with a sign that it goes on. What is piped is the
 * same on every machine, wherever its errors go.
 */
export async function explain(io: Io, output: Output, options: DiagnoseOptions): Promise<DiagnosisView> {
  const terminal = io.stdout.isTTY === true && io.stderr.isTTY === true && !output.json;
  const steps = diagnoseInSteps({ ...options, budget: options.budget ?? (terminal ? PATIENT : undefined) });
  const started = performance.now();
  let turns = 0;
  for (;;) {
    const { value, done } = steps.next();
    if (done) {
      if (terminal && turns > 0) io.stderr.write('\r\x1b[K');
      return value;
    }
    const elapsed = performance.now() - started;
    if (elapsed < QUIET_MS * (turns + 1)) continue;
    turns++;
    if (terminal) io.stderr.write(`\r\x1b[Klooking for the mistake ${'.'.repeat((turns % 3) + 1)}`);
    // A signal gets its turn, whoever reads: Ctrl-C and `timeout` did nothing until the search had ended.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/**
 * Asks the running emulator about a record of its log: it alone knows the secrets that were rotated away.
 *
 * @param question `at` in Unix seconds, when the record was made by default; `tolerance` in seconds, `Infinity` checks no age.
 * @throws CliError as `withEmulator` does.
 */
export async function diagnoseRecord(
  io: Io,
  command: Command,
  { id: asked, tolerance, ...question }: { id: string; computed?: string; at?: number; tolerance?: number },
) {
  return await withEmulator(io, command, async (client) => {
    const { id } = await readAttempt(client, asked);
    const checked = tolerance === undefined || Number.isFinite(tolerance) ? tolerance : 'off';
    return await client.diagnosis(id, { ...question, tolerance: checked });
  });
}

/** A record's signature and whole body, for secrets of the user's own. */
export async function readRecord(io: Io, command: Command, id: string) {
  return await withEmulator(io, command, async (client) => {
    const record = await readAttempt(client, id, { whole: true });
    return {
      signature: record.request.signature,
      body: Buffer.from(record.request.body.text, record.request.body.encoding),
      direction: record.direction,
      at: Math.floor(Date.parse(record.occurred_at) / 1000),
    };
  });
}
