import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parsePath, readPath } from '../../contract/json-path.ts';
import { roundMs } from '../../contract/round-ms.ts';
import type { ScenarioFile, ScenarioStep } from '../../contract/scenario.ts';
import { translateControlError } from '../connect/with-emulator.ts';
import { CliError, isCliError } from '../terminal/errors.ts';
import { EXIT } from '../terminal/exit-codes.ts';
import type { ScenarioContext, StepResult } from './context.ts';
import { NotMet } from './expect.ts';
import { RUN } from './steps.ts';
import { fillIn } from './variables.ts';

export interface StepReport {
  /** `2 send candidate.created`, or its name. */
  title: string;
  line: number;
  /** Wall milliseconds. */
  duration_ms: number;
  ok: boolean;
  /** What was done, or what does not hold. */
  text: string;
  /** What there is to add to a failure. */
  lines: string[];
  reference_id: string | null;
  /** What the run ends with because of it. */
  exit_code: number;
}

export interface ScenarioReport {
  file: string;
  name: string;
  ok: boolean;
  duration_ms: number;
  steps: StepReport[];
  /** Steps that were not run, since one before them failed. */
  skipped: number;
  exit_code: number;
}

/**
 * Runs the steps of a scenario one after the other, up to the first that fails.
 *
 * @param onStep called after each.
 */
export async function runScenario(
  scenario: ScenarioFile,
  context: ScenarioContext,
  onStep: (step: StepReport) => void,
): Promise<ScenarioReport> {
  const startedAt = performance.now();
  const saved = new Map<string, unknown>();
  const runId = randomBytes(5).toString('hex');
  let folder: string | undefined;
  const lookUp = (name: string): unknown => {
    if (name === 'run.id') return runId;
    if (name === 'run.folder') {
      folder ??= mkdtempSync(join(tmpdir(), 'carvos-run-'));
      return folder;
    }
    if (name === 'now') return new Date().toISOString();
    if (name.startsWith('env.')) {
      const value = context.io.env[name.slice(4)];
      if (value === undefined)
        throw new CliError(`the environment has no ${name.slice(4)}`, {
          where: scenario.file,
          exitCode: EXIT.notMet,
        });
      return value;
    }
    return saved.get(name);
  };
  const steps: StepReport[] = [];
  try {
    for (const [name, value] of Object.entries(scenario.vars)) saved.set(name, fillIn(value, lookUp));
    for (const [index, step] of scenario.steps.entries()) {
      const report = await runStep(step, index, context, lookUp, saved);
      steps.push(report);
      onStep(report);
      if (!report.ok) break;
    }
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
  const failed = steps.find(({ ok }) => !ok);
  return {
    file: scenario.file,
    name: scenario.name,
    ok: failed === undefined,
    duration_ms: roundMs(performance.now() - startedAt),
    steps,
    skipped: scenario.steps.length - steps.length,
    exit_code: failed?.exit_code ?? EXIT.ok,
  };
}

async function runStep(
  { kind, value, line }: ScenarioStep,
  index: number,
  context: ScenarioContext,
  lookUp: (name: string) => unknown,
  saved: Map<string, unknown>,
): Promise<StepReport> {
  const startedAt = performance.now();
  let report = { title: titleOf(kind, value, index), line };
  const took = () => roundMs(performance.now() - startedAt);
  try {
    const { save, ...step } = fillIn(value, lookUp) as Record<string, unknown>;
    report = { title: titleOf(kind, step, index), line };
    const result: StepResult = await (
      RUN[kind] as (one: ScenarioContext, two: unknown) => Promise<StepResult>
    )(context, step);
    for (const [name, path] of Object.entries((save as Record<string, string> | undefined) ?? {})) {
      const at = parsePath(path);
      const found = at === null ? undefined : readPath(result.got, at);
      if (found === undefined)
        throw new NotMet(`save: there is no ${path} in what came`, [], result.reference);
      saved.set(name, found);
    }
    const { text, reference } = result;
    return {
      ...report,
      duration_ms: took(),
      ok: true,
      text,
      lines: [],
      reference_id: reference,
      exit_code: EXIT.ok,
    };
  } catch (thrown) {
    const error = translateControlError(thrown, null);
    const failure = { ...report, duration_ms: took(), ok: false };
    if (error instanceof NotMet) {
      const { message, lines, reference } = error;
      return {
        ...failure,
        text: message,
        lines: [...lines],
        reference_id: reference,
        exit_code: EXIT.notMet,
      };
    }
    if (context.signal.aborted)
      return { ...failure, text: 'stopped', lines: [], reference_id: null, exit_code: EXIT.notMet };
    if (!isCliError(error)) throw error;
    const lines = typeof error.next === 'string' ? [`next: ${error.next}`] : [];
    return { ...failure, text: error.message, lines, reference_id: null, exit_code: error.exitCode };
  }
}

function titleOf(kind: string, value: Record<string, unknown>, index: number): string {
  if (typeof value.name === 'string') return value.name;
  const what = value[kind];
  const text = typeof what === 'string' ? what : JSON.stringify(what);
  return `${index + 1} ${kind} ${text.length > 60 ? `${text.slice(0, 59)}…` : text}`;
}
