import type { Command } from 'commander';
import { asCalled } from '../../files/called-as.ts';
import { type Config, loadValidConfig } from '../config/load.ts';
import { findRunning } from '../connect/find-gateway.ts';
import { type Finding, ok, wrong } from '../doctor/finding.ts';
import { checkEmulatorFile, checkPort, checkRights } from '../doctor/folder.ts';
import { checkAddon, checkNode, checkVersions } from '../doctor/installation.ts';
import { checkClocks, checkProxy } from '../doctor/surroundings.ts';
import { EXIT, isCliError, whereOf } from '../terminal/errors.ts';
import type { Io } from '../terminal/io.ts';
import { createOutput, type GlobalOptions, type Output } from '../terminal/output.ts';

export function define(command: Command, io: Io): void {
  command
    .addHelpText(
      'after',
      `
Looks at Node, the database's library, the versions on the PATH, proxies, the config file, the rights
of files, the port, what an earlier gateway left behind, and the receivers' clocks. Says what to do about
each that is wrong. A receiver gets one GET without a signature. The exit code is 1 when something is
wrong.

Examples:
  carvos doctor
  carvos doctor --json | jq '.findings[] | select(.state == "wrong")'`,
    )
    .action(async (_options: unknown, self: Command) => examine(self, io));
}

async function examine(command: Command, io: Io): Promise<void> {
  const output = createOutput(io, command);
  const { config: file } = command.optsWithGlobals<GlobalOptions>();
  const findings: Finding[] = [
    checkNode(process.versions.node),
    await checkAddon(),
    await checkVersions(io.env.PATH),
    ...(await checkProject(io, file)),
  ];
  const isWell = findings.every(({ state }) => state !== 'wrong');
  for (const finding of findings) print(output, finding);
  output.document({ ok: isWell, findings });
  if (!isWell) io.exitCode = EXIT.notMet;
}

async function checkProject(io: Io, file: string | undefined): Promise<Finding[]> {
  let config: Config;
  try {
    config = await loadValidConfig(io, { config: file });
  } catch (error) {
    if (!isCliError(error)) throw error;
    const where = await whereOf(error);
    const place = where === undefined ? '' : ` (${where})`;
    // A line for each mistake, below a first one.
    const what = error.message.replace(/\n\s*/, ': ').replaceAll(/\n\s*/g, '; ');
    return [checkProxy(io), wrong('config', what + place, String(error.next ?? 'mend the file'))];
  }
  const gateway = await checkEmulatorFile(io, config);
  const named = findRunning(io, config);
  return [
    checkProxy(io, named.found ? named.url : undefined),
    ok('config', config.file?.path ?? 'no file: the defaults'),
    checkRights(io, config),
    gateway,
    await checkPort(io, config, gateway.state === 'ok'),
    ...(await checkClocks(io, config)),
  ];
}

function print({ paint, line, safe }: Output, { check, state, what, mend }: Finding): void {
  const color = { ok: paint.green, wrong: paint.red, skipped: paint.dim }[state];
  line(`${color(state.padEnd(8))} ${check.padEnd(9)} ${safe(what)}`);
  if (mend !== undefined) line(`${' '.repeat(19)}next: ${safe(asCalled(mend))}`);
}
