import { readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createControlClient } from '../../client/control-client.ts';
import type { Trace } from '../../contract/control.ts';
import type { ScenarioFile } from '../../contract/scenario.ts';
import type { Config } from '../config/load.ts';
import { translateControlError } from '../connect/with-emulator.ts';
import { CliError } from '../terminal/errors.ts';
import type { Io } from '../terminal/io.ts';
import type { Output } from '../terminal/output.ts';
import { findLoop } from './end-at-loop.ts';
import type { ScenarioGateway } from './gateway.ts';
import { runScenario, type ScenarioReport, type StepReport } from './run-scenario.ts';

const SCENARIO = /\.(?:ya?ml|json)$/;

/**
 * The files that were named, and those of folders, in order.
 *
 * @throws CliError (exit 2) for what is not there, and a folder without any.
 */
export function listFiles(io: Io, names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const path = resolve(io.cwd, name);
    let isFolder: boolean;
    try {
      isFolder = statSync(path).isDirectory();
    } catch {
      throw new CliError(`there is no ${name}`, { next: 'name a scenario, or a folder of scenarios' });
    }
    if (!isFolder) return [name];
    const found = (readdirSync(path, { recursive: true }) as string[])
      .filter((one) => SCENARIO.test(one))
      .sort();
    if (found.length === 0)
      throw new CliError(`there is no scenario in ${name}`, { next: 'scenarios end in .yaml or .json' });
    return found.map((one) => join(name, one));
  });
}

export interface RunOptions {
  parallel: number;
  bail: boolean;
  timeoutMs: number;
  /** See `ScenarioContext`. */
  localOnly?: boolean;
  signal: AbortSignal;
  onStep(scenario: ScenarioFile, step: StepReport): void;
  onEnd(report: ScenarioReport): void;
  /** Depth at which an echo loop ends the run. */
  maxEcho: number;
  onLoop(trace: Trace): void;
}

/** Runs scenarios, each with an ATS of its own. Those that move the clock, which is common to all, run alone. */
export async function runFiles(
  io: Io,
  output: Output,
  config: Config,
  gateway: ScenarioGateway,
  scenarios: readonly ScenarioFile[],
  options: RunOptions,
): Promise<ScenarioReport[]> {
  const reports = new Map<ScenarioFile, ScenarioReport>();
  let stopped = false;
  const runOne = async (scenario: ScenarioFile) => {
    if (stopped || options.signal.aborted) return;
    // A wait ends with the run.
    const client = createControlClient({ ...gateway, signal: options.signal });
    const [first] = config.ats;
    const workspace = first?.workspaces[0];
    const ats = await client
      .addAts({
        webhook_url: gateway.webhookUrl,
        secrets_of: first?.id,
        client_id: workspace?.clientId,
        user_id: workspace?.members[0]?.userId,
      })
      .catch((error: unknown) => {
        throw translateControlError(error, null);
      });
    const context = {
      io,
      output: { ...output, line() {}, note() {}, document() {} },
      client,
      url: new URL(gateway.url),
      token: gateway.token,
      ats,
      folder: dirname(resolve(io.cwd, scenario.file)),
      timeoutMs: options.timeoutMs,
      localOnly: options.localOnly === true,
      signal: options.signal,
    };
    const ended = new AbortController();
    const loop = findLoop(
      client,
      gateway.own ? undefined : ats.id,
      options.maxEcho,
      AbortSignal.any([options.signal, ended.signal]),
    );
    void loop.then((trace) => trace && options.onLoop(trace));
    const report = await runScenario(scenario, context, (step) => options.onStep(scenario, step));
    ended.abort();
    reports.set(scenario, report);
    options.onEnd(report);
    if (!report.ok && options.bail) stopped = true;
  };
  const alone = scenarios.filter(movesClock);
  const queue = scenarios.filter((one) => !movesClock(one));
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) await runOne(next);
  };
  await Promise.all(Array.from({ length: Math.min(options.parallel, queue.length) }, worker));
  for (const scenario of alone) await runOne(scenario);
  return scenarios.flatMap((one) => reports.get(one) ?? []);
}

function movesClock({ steps }: ScenarioFile): boolean {
  return steps.some(
    ({ kind, value }) => kind === 'clock' || (kind === 'none' && value.advance !== undefined),
  );
}
