import { join } from 'node:path';
import type { Command } from 'commander';
import { describeFacts } from '../../contract/facts/describe-facts.ts';
import type { Facts } from '../../contract/facts/facts.ts';
import type { AssumptionsChecked, CheckedAssumption } from '../../contract/output/assumptions-check.ts';
import type { Document } from '../../contract/output/common.ts';
import { replaceFile } from '../../files/draft-file.ts';
import { loadAts } from '../config/ats.ts';
import { FACTS_FILE, readFacts } from '../config/facts.ts';
import { conclude } from '../facts/conclude.ts';
import { createFindings } from '../facts/findings.ts';
import { judgeOpenapi } from '../facts/judge-openapi.ts';
import { judgeTraffic } from '../facts/judge-traffic.ts';
import { type Recording, readRecording } from '../recordings/read-recording.ts';
import { CliError, EXIT } from '../terminal/errors.ts';
import { fileProblem, type Io } from '../terminal/io.ts';
import { createOutput, type Output } from '../terminal/output.ts';

/**
 * `assumptions check`.
 *
 * @throws CliError (exit 2) for a file that cannot be read, and where the facts cannot be written.
 */
export async function checkAssumptions(
  command: Command,
  io: Io,
  files: readonly string[],
  write: boolean,
): Promise<void> {
  const output = createOutput(io, command);
  const { folder } = loadAts(io, command.optsWithGlobals<{ config?: string }>());
  const findings = createFindings();
  const read: { file: string; recording: Recording }[] = [];
  for (const file of files) read.push({ file, recording: await readRecording(io, file) });
  // A documented range says more than the scores that happened to come.
  for (const { file, recording } of read)
    if (recording.kind === 'openapi') judgeOpenapi(findings, file, recording.document);
  for (const { file, recording } of read)
    if (recording.kind === 'traffic') judgeTraffic(findings, file, recording.exchanges);
  const { assumptions, unknown, facts } = conclude(findings);
  const written = write ? writeFacts(folder, facts) : null;
  const inForce = written === null ? await readFacts(folder) : facts;
  const count = (verdict: CheckedAssumption['verdict']) =>
    assumptions.filter((one) => one.verdict === verdict).length;
  const document: Document<AssumptionsChecked> = {
    files: read.map(({ file, recording }) => ({
      file,
      form: recording.kind === 'openapi' ? 'OpenAPI' : recording.form,
      requests: recording.kind === 'openapi' ? null : recording.exchanges.length,
    })),
    confirmed: count('confirmed'),
    refuted: count('refuted'),
    not_seen: count('not seen'),
    assumptions,
    unknown,
    facts,
    facts_file: written,
    open: assumptions.filter((one) => isOpen(one, inForce)).map(({ id }) => id),
  };
  output.document(document);
  print(output, document);
  if (document.open.length > 0) io.exitCode = EXIT.notMet;
}

/** Whether it is refuted and the facts in force do not say what was seen. */
function isOpen({ verdict, facts }: CheckedAssumption, inForce: Facts | undefined): boolean {
  if (verdict !== 'refuted') return false;
  const followed = new Set(describeFacts(inForce).map(({ fact }) => fact));
  return facts.length === 0 || facts.some((fact) => !followed.has(fact));
}

function writeFacts(folder: string, facts: Facts): string {
  const path = join(folder, FACTS_FILE);
  try {
    replaceFile(path, `${JSON.stringify(facts, null, 2)}\n`, 0o644);
  } catch (error) {
    throw new CliError(`cannot write the facts file: ${fileProblem(error)}`, { where: path, cause: error });
  }
  return path;
}

function print(output: Output, checked: Document<AssumptionsChecked>): void {
  const { paint } = output;
  const colour = { confirmed: paint.green, refuted: paint.red, 'not seen': paint.dim };
  for (const { id, verdict, carvos, evidence, facts } of checked.assumptions) {
    if (verdict === 'not seen') continue;
    output.line(`${colour[verdict](verdict)}  ${paint.bold(id)}`);
    for (const { file, at, field, seen } of verdict === 'refuted' ? evidence : [])
      output.line(output.safe(`  ${seen}  (${file}, ${at}, ${field})`));
    if (verdict === 'refuted')
      output.line(`  carvos: ${carvos}${facts.length > 0 ? '' : ' A facts file cannot change that.'}`);
  }
  const unseen = checked.assumptions.filter(({ verdict }) => verdict === 'not seen').map(({ id }) => id);
  output.line(paint.dim(`not seen  ${unseen.join(', ')}`));
  if (checked.unknown.length > 0) output.line('\nNot known to the contract:');
  for (const { kind, what, file, at } of checked.unknown)
    output.line(output.safe(`  ${kind} ${what}  (${file}, ${at})`));
  output.line(`\n${checked.confirmed} confirmed, ${checked.refuted} refuted, ${checked.not_seen} not seen`);
  if (checked.facts_file !== null)
    output.line(`wrote ${output.safe(checked.facts_file)}: dev, exec and run follow it`);
  else if (checked.open.length > 0 && Object.keys(checked.facts).length > 1)
    output.line('next: --write makes dev, exec and run follow what can be followed');
}
