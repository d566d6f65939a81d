import { readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type ControlClient, createControlClient } from '../../client/control-client.ts';
import type { ClockView, Trace } from '../../contract/control.ts';
import type { ScenarioReport, StepReport } from '../../contract/output/running.ts';
import type { ScenarioFile } from '../../contract/scenario.ts';
import { translateControlError } from '../connect/with-emulator.ts';
import { CliError } from '../terminal/errors.ts';
import type { Io } from '../terminal/io.ts';
import type { Output } from '../terminal/output.ts';
import { isEndless } from '../text/echo.ts';
import type { ScenarioContext } from './context.ts';
import { runScenario } from './run-scenario.ts';

export const SCENARIO = /\.(?:ya?ml|json)$/;

/** What a project's own folder holds besides, where that is named: `run .`. */
const OTHERS =
  /(?:^|[\\/])(?:(?:node_modules|\.[^\\/]*)[\\/]|(?:carvos\.(?:config|facts)|package(?:-lock)?|tsconfig)\.json$|\.)/;

/**
 * The files that were named, and those of folders, in order.
 *
 * @throws CliError (exit 2) for what is not there, and a folder without any.
 */
export function listFiles(io: Io, names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const found = statSync(resolve(io.cwd, name), { throwIfNoEntry: false });
    if (!found)
      throw new CliError(`there is no file or folder ${name}`, {
        next: 'name a scenario, or a folder of scenarios',
      });
    if (!found.isDirectory()) return [name];
    const inside = (readdirSync(resolve(io.cwd, name), { recursive: true }) as string[])
      .filter((one) => SCENARIO.test(one) && !OTHERS.test(one))
      .sort();
    if (inside.length === 0)
      throw new CliError(`there is no scenario in ${name}`, { next: 'scenarios end in .yaml or .json' });
    return inside.map((one) => join(name, one));
  });
}

export interface RunOptions {
  parallel: number;
  bail?: boolean;
  /** Wall milliseconds that an expectation may take. */
  timeoutMs: number;
  /** See `ScenarioContext`. */
  localOnly?: boolean;
  signal: AbortSignal;
  onBegin?(scenario: ScenarioFile, title: string): void;
  onStep?(scenario: ScenarioFile, step: StepReport): void;
  /** @param used absolute paths of what its steps read. */
  onEnd?(report: ScenarioReport, used: ReadonlySet<string>): void;
  /** Echo loops are looked for, and told at this depth. */
  echo?: { max: number; onLoop(trace: Trace): void };
}

/** Runs scenarios, each with an ATS of its own. Those that move the clock, which is common to all, run alone. */
export async function runFiles(
  io: Io,
  output: Output,
  gateway: ScenarioContext['gateway'],
  scenarios: readonly ScenarioFile[],
  options: RunOptions,
): Promise<ScenarioReport[]> {
  const reports = new Map<ScenarioFile, ScenarioReport>();
  let stopped = false;
  const { signal, timeoutMs } = options;
  const client = createControlClient({ ...gateway, signal });
  const silent: Output = { ...output, line() {}, note() {}, document() {} };
  const runOne = async (scenario: ScenarioFile) => {
    if (stopped || signal.aborted) return;
    const ats = await client
      .addAts({ webhook_url: gateway.webhookUrl, ...gateway.like })
      .catch((error: unknown) => {
        if (signal.aborted) return null;
        throw translateControlError(error, null);
      });
    if (ats === null) return;
    const used = new Set<string>();
    const folder = dirname(resolve(io.cwd, scenario.file));
    const context: ScenarioContext = {
      io: { ...io, cwd: folder },
      output: silent,
      client,
      gateway,
      url: new URL(gateway.url),
      ats,
      timeoutMs,
      localOnly: options.localOnly === true,
      signal,
      used,
    };
    const before = movesClock(scenario) ? await client.clock() : null;
    const ended = new AbortController();
    const { echo } = options;
    if (echo !== undefined) {
      const over = AbortSignal.any([signal, ended.signal]);
      const loop = findLoop(client, gateway.own ? undefined : ats.id, echo.max, over);
      void loop.then((trace) => trace && echo.onLoop(trace));
    }
    const report = await runScenario(scenario, context, {
      onBegin: (title) => options.onBegin?.(scenario, title),
      onStep: (step) => options.onStep?.(scenario, step),
    }).finally(() => ended.abort());
    // Where the run was interrupted, nobody comes after it.
    await tidyUp(client, ats.id, before, gateway.own).catch(() => {});
    reports.set(scenario, report);
    options.onEnd?.(report, used);
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

/**
 * Waits until the same data came back so often that it is an echo loop.
 *
 * @param atsId of this ATS alone: at a gateway that others use too.
 * @returns what the last of its events caused; `null` once `signal` is aborted, or the feed has ended.
 */
async function findLoop(
  client: ControlClient,
  atsId: string | undefined,
  maxEcho: number,
  signal: AbortSignal,
): Promise<Trace | null> {
  try {
    for await (const entry of client.feed(signal)) {
      if (isEndless(entry, maxEcho, atsId)) return await client.trace(entry.reference_id);
    }
  } catch {
    // Without the feed nothing is found; why it is gone is said where the steps need the gateway.
  }
  return null;
}

function movesClock({ steps }: ScenarioFile): boolean {
  return steps.some(
    ({ kind, value }) =>
      kind === 'clock' || (kind === 'none' && (value.none as { advance?: string }).advance !== undefined),
  );
}

/** Puts back what the next scenario would meet: faults, the clock as it was, and attempts that are still to come. */
async function tidyUp(
  client: ControlClient,
  atsId: string,
  clock: ClockView | null,
  isOwn: boolean,
): Promise<void> {
  const { items } = await client.faults();
  for (const { id, ats_id } of items) if (ats_id === atsId) await client.clearFaults(id);
  if (clock === null) return;
  // What others have to come is moved on with it, so only where there are no others.
  if (isOwn) await client.clockMove('drain');
  const { mode } = clock;
  const speed = mode === 'max' || mode === 'manual' ? mode : clock.speed;
  if (speed !== null) await client.clockMove({ speed });
  await client.clockMove(mode === 'paused' ? 'pause' : 'resume');
}
