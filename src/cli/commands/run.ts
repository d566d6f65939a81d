import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import type { ScenariosDocument } from '../../contract/output/running.ts';
import type { ScenarioFile } from '../../contract/scenario.ts';
import { replaceFile } from '../../files/draft-file.ts';
import type { Config } from '../config/load.ts';
import { resolveReceiverTls } from '../config/receiver-tls.ts';
import { loadValidConfig } from '../config/validate.ts';
import { type Child, startChild } from '../exec/run-child.ts';
import { waitForReceiver } from '../exec/wait-for-receiver.ts';
import { parseDuration } from '../input/duration.ts';
import { wholeNumber } from '../input/flags.ts';
import { addMaxEchoFlag } from '../input/max-echo.ts';
import { parseTarget } from '../input/target.ts';
import { openGateway, type ScenarioGateway } from '../run/gateway.ts';
import { formatJunit } from '../run/junit.ts';
import { readScenario } from '../run/read-scenario.ts';
import { listFiles, runFiles } from '../run/run-files.ts';
import type { ScenarioReport, StepReport } from '../run/run-scenario.ts';
import { CliError } from '../terminal/errors.ts';
import { EXIT } from '../terminal/exit-codes.ts';
import type { Io } from '../terminal/io.ts';
import { createOutput, type Output } from '../terminal/output.ts';
import { formatDuration } from '../text/duration.ts';
import { describeLoop } from '../text/echo.ts';

interface Options {
  junit?: string;
  only?: string;
  parallel: number;
  bail?: boolean;
  start?: string;
  waitFor?: string;
  webhookUrl?: string;
  timeout: number;
  maxEcho: number;
  config?: string;
}

export function define(command: Command, io: Io): void {
  addMaxEchoFlag(command)
    .argument('<file|folder...>', 'scenarios (YAML or JSON), or folders of them')
    .option('--junit <file>', 'write what ran as JUnit XML')
    .option('--only <text>', 'only scenarios whose name or file holds this')
    .option('--parallel <n>', 'so many scenarios at once (default: 1)', wholeNumber('--parallel', 1, 64))
    .setOptionValueWithSource('parallel', 1, 'default')
    .option('--bail', 'stop after the first scenario that fails')
    .option('--start <command>', 'start the ATS under test, and end it afterwards')
    .option('--wait-for <target>', 'begin when that receiver answers')
    .option('--webhook-url <target>', 'your receiver: URL, host:port or port')
    .option('--timeout <duration>', 'how long to wait for what a step expects (default: 30s)', (text) =>
      parseDuration(text, '--timeout'),
    )
    .setOptionValueWithSource('timeout', 30_000, 'default')
    .addHelpText(
      'after',
      `
Beside a carvos dev it uses that gateway; otherwise it starts one of its own, as exec does. Each scenario has an
ATS of its own, so that scenarios do not meet; those that move the clock run alone.

Ends with 0, 1 (an expectation, an echo loop), 2 (a file is wrong: nothing was sent), 4 (refused),
5 (unreachable).

Examples:
  carvos run flows
  carvos run flows/scored.yaml --webhook-url 3000 --junit report.xml
  carvos run flows --parallel 4 --start 'npm start' --wait-for 3000`,
    )
    .action(async (names: string[], options: Options, self: Command) =>
      run(io, createOutput(io, self), names, { ...options, ...self.optsWithGlobals() }),
    );
}

async function run(io: Io, output: Output, names: string[], options: Options): Promise<void> {
  const config = await loadValidConfig(io, { config: options.config });
  const scenarios = await readAll(io, names, options.only);
  const stop = new AbortController();
  io.onSignal = (signal) => {
    io.exitCode = signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated;
    stop.abort();
  };
  const target = options.webhookUrl === undefined ? null : parseTarget(options.webhookUrl, '--webhook-url');
  const gateway = await openGateway(io, config, target?.href ?? null);
  let started: Child | null = null;
  try {
    started = await startUnderTest(io, config, gateway, options, stop.signal);
    const reports = await runFiles(io, output, config, gateway, scenarios, {
      parallel: options.parallel,
      bail: options.bail === true,
      timeoutMs: options.timeout,
      signal: stop.signal,
      // A gateway of its own is gone when somebody reads this: no command can ask it any more.
      onStep: (scenario, step) => printStep(output, scenario, step, options.parallel > 1, !gateway.own),
      onEnd: (report) => printEnd(output, report),
      maxEcho: options.maxEcho,
      onLoop(trace) {
        io.exitCode = EXIT.notMet;
        for (const line of describeLoop(trace, output.paint)) output.note(line);
        stop.abort();
      },
    });
    if (options.junit !== undefined) writeJunit(resolve(io.cwd, options.junit), reports, !gateway.own);
    conclude(io, output, scenarios.length, reports);
  } finally {
    await started?.endTree();
    await gateway.close();
  }
}

async function readAll(io: Io, names: string[], only: string | undefined): Promise<ScenarioFile[]> {
  const all = await Promise.all(listFiles(io, names).map((file) => readScenario(io, file)));
  const chosen = all.filter(
    ({ name, file }) => only === undefined || name.includes(only) || file.includes(only),
  );
  if (chosen.length > 0) return chosen;
  throw new CliError(`no scenario has ${JSON.stringify(only)} in its name or file`, {
    next: `there are ${all.map(({ name }) => name).join(', ')}`,
  });
}

/** @throws CliError (exit 5) when it ends, or does not answer in time. */
async function startUnderTest(
  io: Io,
  config: Config,
  gateway: ScenarioGateway,
  options: Options,
  signal: AbortSignal,
): Promise<Child | null> {
  const ats = config.ats[0]!;
  const child =
    options.start === undefined
      ? null
      : startChild(['sh', '-c', options.start], {
          cwd: io.cwd,
          env: {
            ...io.env,
            CARVOS_URL: gateway.url,
            CARVOS_ATS_ID: ats.id,
            CARVOS_INCOMING_SECRET: ats.incomingSecret.value ?? undefined,
            CARVOS_OUTGOING_SECRET: ats.outgoingSecret.value ?? undefined,
          },
          onFailure: (message) => io.stderr.write(`error: ${message}\n`),
        });
  if (options.waitFor === undefined) return child;
  const target = parseTarget(options.waitFor, '--wait-for');
  const answered = new Promise<'answered'>((done) => {
    const wait = waitForReceiver(target, { tls: resolveReceiverTls(config, io.cwd, {}) }, () =>
      done('answered'),
    );
    signal.addEventListener('abort', () => wait.stop());
    setTimeout(() => wait.stop(), options.timeout).unref();
  });
  const gaveUp = new Promise<'late'>((done) => setTimeout(() => done('late'), options.timeout).unref());
  const ended = child?.ended.then(() => 'ended' as const) ?? new Promise<never>(() => {});
  const outcome = await Promise.race([answered, gaveUp, ended]);
  if (outcome === 'answered') return child;
  await child?.endTree();
  const what = outcome === 'ended' ? 'the command of --start ended before it answered' : 'it does not answer';
  throw new CliError(`${target.href}: ${what}`, {
    exitCode: EXIT.unreachable,
    next: 'check --start and --wait-for',
  });
}

function printStep(
  output: Output,
  scenario: ScenarioFile,
  step: StepReport,
  many: boolean,
  stays: boolean,
): void {
  const { paint } = output;
  const mark = step.ok ? paint.green('✓') : paint.red('✗');
  const where = many ? paint.dim(`  ${scenario.name}`) : '';
  const text = step.text === '' ? '' : `  ${step.text}`;
  output.line(
    `${mark} ${output.safe(step.title)}${output.safe(text)}  ${formatDuration(step.duration_ms)}${where}`,
  );
  if (step.ok) return;
  output.line(paint.dim(`    ${scenario.file}:${step.line}`));
  for (const line of step.lines) output.line(`    ${output.safe(line)}`);
  if (stays && step.reference_id !== null) output.line(`    carvos trace ${output.safe(step.reference_id)}`);
}

function printEnd(output: Output, report: ScenarioReport): void {
  const { paint } = output;
  const skipped = report.skipped === 0 ? '' : `, ${report.skipped} not run`;
  const count = `${report.steps.length} ${report.steps.length === 1 ? 'step' : 'steps'}`;
  const word = report.ok ? paint.green('passed') : paint.red('failed');
  output.line(
    `${word}  ${output.safe(report.name)}  ${count}${skipped}  ${formatDuration(report.duration_ms)}`,
  );
  output.line('');
}

function writeJunit(file: string, reports: readonly ScenarioReport[], stays: boolean): void {
  mkdirSync(dirname(file), { recursive: true });
  replaceFile(file, formatJunit(reports, stays), 0o644);
}

function conclude(io: Io, output: Output, total: number, reports: readonly ScenarioReport[]): void {
  const failed = reports.filter(({ ok }) => !ok);
  const passed = reports.length - failed.length;
  output.line(
    `${passed} of ${total} scenarios passed${failed.length === 0 ? '' : `, ${failed.length} failed`}`,
  );
  const document: ScenariosDocument = { passed, failed: failed.length, scenarios: [...reports] };
  output.document(document);
  // The earliest stage that failed, as for many that are sent.
  if (io.exitCode === EXIT.ok && failed.length > 0) io.exitCode = failed[0]!.exit_code;
}
