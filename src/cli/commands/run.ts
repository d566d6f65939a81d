import type { Command } from 'commander';
import type { ScenarioFile } from '../../contract/scenario.ts';
import { calledAs } from '../../files/called-as.ts';
import { loadValidConfig } from '../config/load.ts';
import { INSECURE_WARNING } from '../config/receiver-tls.ts';
import { withEmulator } from '../connect/with-emulator.ts';
import type { Child } from '../exec/run-child.ts';
import { durationFlag, wholeNumber } from '../input/flags.ts';
import { addMaxEchoFlag } from '../input/max-echo.ts';
import { addProxyFlag, addReceiverFlags, type ReceiverFlags } from '../input/receiver-flags.ts';
import { openGateway, type ScenarioGateway } from '../run/gateway.ts';
import { formatJunit } from '../run/junit.ts';
import { readScenario } from '../run/read-scenario.ts';
import { conclude, createProgress, printEnd, printStep } from '../run/report-run.ts';
import { listFiles, runFiles } from '../run/run-files.ts';
import { startUnderTest } from '../run/start-under-test.ts';
import type { UsedFiles } from '../run/watch-scenarios.ts';
import { CliError, EXIT, exitOfSignal } from '../terminal/errors.ts';
import type { Io } from '../terminal/io.ts';
import { createOutput, type Output } from '../terminal/output.ts';
import { writeReport } from '../terminal/write-report.ts';
import { describeLoop } from '../text/echo.ts';

interface Options extends ReceiverFlags {
  junit?: string;
  only?: string;
  parallel: number;
  bail?: boolean;
  watch?: boolean;
  start?: string;
  waitFor?: string;
  webhookUrl?: string;
  record?: string;
  timeout: number;
  maxEcho: number;
  atsId?: string;
  config?: string;
}

export function define(command: Command, io: Io): void {
  addMaxEchoFlag(command)
    .argument('[file|folder...]', 'scenarios (YAML or JSON), or folders of them; with --record, references')
    .option('--junit <file>', 'write what ran as JUnit XML')
    .option('--only <text>', 'only scenarios whose name or file holds this')
    .option('--parallel <n>', 'run this many scenarios at once', wholeNumber('--parallel', 1, 64), 1)
    .option('--bail', 'stop after the first scenario that fails')
    .option('--watch', 'run again what changes, and what a changed file is used by')
    .option('--start <command>', 'start the ATS under test, and end it afterwards')
    .option('--wait-for <target>', 'begin when that receiver answers')
    .option('--webhook-url <target>', 'your receiver: URL, host:port or port')
    .option('--ats-id <id>', 'the ATS whose secrets and tenant they have, if there are several')
    .option('--record <file>', 'write what the references caused as a scenario, instead of running one')
    .option(
      '--timeout <duration>',
      'how long to wait for what a step expects (default: 30s)',
      durationFlag('--timeout'),
      30_000,
    );
  addProxyFlag(addReceiverFlags(command))
    .addHelpText('after', HELP)
    .action(async (names: string[], options: Options, self: Command) => {
      const output = createOutput(io, self);
      if (names.length === 0) throw missingNames(options.record);
      if (options.record === undefined) await run(io, output, names, options);
      else await record(io, output, self, names, options.record);
    });
}

function missingNames(record: string | undefined): CliError {
  return record === undefined
    ? new CliError('which scenarios?', { next: 'name files, or folders of them: carvos run flows' })
    : new CliError(`--record ${record}: which references?`, {
        next: 'name them after the file, each a reference_id or dlv_… (carvos deliveries lists them)',
      });
}

async function run(io: Io, output: Output, names: string[], options: Options): Promise<void> {
  const config = await loadValidConfig(io, { config: options.config, atsId: options.atsId });
  // Nothing is started where a file is wrong; --watch waits until it is mended.
  const scenarios = options.watch ? [] : await readAll(io, listFiles(io, names), options.only);
  if (options.insecureReceiver) output.note(`carvos: ${INSECURE_WARNING}`);
  if (options.junit !== undefined) writeReport(io, options.junit, '', { folders: true });
  const stop = new AbortController();
  io.onSignal = (signal) => {
    io.exitCode = exitOfSignal(signal);
    stop.abort();
  };
  io.goesOn = true;
  // That has no verdict to come.
  if (options.watch) io.stdout.once('error', () => stop.abort());
  const gateway = await openGateway(io, config, options);
  if (!gateway.own && (options.receiverCa ?? options.insecureReceiver) !== undefined)
    output.note(`carvos: ${deliversElsewhere(gateway.url)}`);
  let started: Child | null = null;
  try {
    const { start, waitFor, timeout: timeoutMs } = options;
    started = await startUnderTest(io, gateway, { start, waitFor, timeoutMs }, stop.signal);
    const runOnce = (chosen: readonly ScenarioFile[], used?: UsedFiles) =>
      runAndReport(io, output, gateway, chosen, {
        ...options,
        signal: stop.signal,
        used,
        stop: () => stop.abort(),
      });
    if (!options.watch) {
      const exitCode = await runOnce(scenarios);
      if (io.exitCode === EXIT.ok) io.exitCode = exitCode;
      return;
    }
    const { watchScenarios } = await import('../run/watch-scenarios.ts');
    await watchScenarios(io, names, stop.signal, {
      run: async (files, used) => {
        await runOnce(await readAll(io, files, options.only), used);
      },
      note: output.note,
    });
    // Ctrl-C is how it ends.
    if (io.exitCode === EXIT.interrupted) io.exitCode = EXIT.ok;
  } finally {
    const left = await started?.endTree();
    if (left) output.note(`carvos: ${left}`);
    await gateway.close();
  }
}

const deliversElsewhere = (url: string) =>
  `warning: --receiver-ca and --insecure-receiver hold for --wait-for and requests of steps; deliveries come from the gateway that runs here (${url}), which has its own: start ${calledAs()} dev with them`;

/** @returns the exit code. */
async function runAndReport(
  io: Io,
  output: Output,
  gateway: ScenarioGateway,
  scenarios: readonly ScenarioFile[],
  options: Options & { signal: AbortSignal; used: UsedFiles | undefined; stop(): void },
): Promise<number> {
  const progress = createProgress(io, output);
  const many = options.parallel > 1;
  let count = 0;
  const reports = await runFiles(io, output, gateway, scenarios, {
    parallel: options.parallel,
    bail: options.bail,
    timeoutMs: options.timeout,
    signal: options.signal,
    echo: {
      max: options.maxEcho,
      onLoop(trace) {
        io.exitCode = EXIT.notMet;
        progress.clear();
        for (const line of describeLoop(trace, output.paint)) output.note(line);
        options.stop();
      },
    },
    onBegin: (scenario, title) =>
      progress.show(`${count + 1} of ${scenarios.length}  ${scenario.name}  ${title}`),
    onStep(scenario, step) {
      progress.clear();
      printStep(output, scenario, step, many);
    },
    onEnd(report, used) {
      count++;
      options.used?.set(report.file, used);
      printEnd(output, report);
    },
  });
  if (options.junit !== undefined) writeReport(io, options.junit, formatJunit(reports));
  return conclude(output, scenarios.length, reports);
}

async function readAll(io: Io, files: readonly string[], only: string | undefined): Promise<ScenarioFile[]> {
  const all = await Promise.all(files.map((file) => readScenario(io, file)));
  const chosen = all.filter(
    ({ name, file }) => only === undefined || name.includes(only) || file.includes(only),
  );
  if (chosen.length > 0) return chosen;
  throw new CliError(`no scenario has ${JSON.stringify(only)} in its name or file`, {
    next: `choose from ${all.map(({ name }) => name).join(', ')}`,
  });
}

async function record(io: Io, output: Output, self: Command, names: string[], file: string): Promise<void> {
  const { recordScenario } = await import('../run/record-scenario.ts');
  const config = await loadValidConfig(io, { config: self.optsWithGlobals<Options>().config });
  const written = await withEmulator(io, self, (client) =>
    recordScenario(io, output, { client, config, references: names, file }),
  );
  output.line(
    `wrote ${written.files.join(', ')}: ${written.steps} ${written.steps === 1 ? 'step' : 'steps'}; run it with ${calledAs()} run ${file}`,
  );
  output.document({ ...written });
}

const HELP = `
Beside a carvos dev it uses that gateway and its receiver; otherwise it starts one of its own, as exec does. Each
scenario has an ATS of its own, so that scenarios do not meet; those that move the clock run alone.

Ends with 0, 1 (an expectation, an echo loop), 2 (a file is wrong, nothing was sent), 4 (refused),
5 (unreachable), 6 (a command or an answer took too long). Of several failures the worst counts. --watch ends
with 0 at Ctrl-C.

Examples:
  carvos run flows
  carvos run flows/scored.yaml --webhook-url 3000 --junit report.xml
  carvos run flows --watch
  carvos run flows --parallel 4 --start 'npm start' --wait-for 3000
  carvos run --record flows/new.yaml 0198c3a0-…`;
