import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { INCOMING_EVENTS, OUTGOING_EVENTS } from '../../contract/event-names.ts';
import { parsePath, readPath } from '../../contract/json-path.ts';
import type { ScenarioReport, StepReport } from '../../contract/output/running.ts';
import { roundMs } from '../../contract/round-ms.ts';
import type { ScenarioFile, ScenarioStep, StepKind } from '../../contract/scenario.ts';
import { translateControlError } from '../connect/with-emulator.ts';
import { EXIT, isCliError } from '../terminal/errors.ts';
import { makeTempFolder } from '../terminal/temp-folder.ts';
import { meeting, replay, rerun, send, trigger } from './causing-steps.ts';
import type { ScenarioContext, StepResult, StepRun } from './context.ts';
import { NotMet } from './expect.ts';
import { type Explanation, explainReference } from './explain-failure.ts';
import { expect, none, request, run } from './judging-steps.ts';
import { clear, clock, fault, rotate, snapshot } from './state-steps.ts';
import { fillIn } from './variables.ts';

/** What each step does: the same calls as the command of its name. */
const RUN: { [K in StepKind]: StepRun<K> } = {
  send,
  trigger,
  meeting,
  replay,
  fault,
  clear,
  clock,
  rerun,
  expect,
  none,
  request,
  run,
  rotate,
  snapshot,
};

/** Runs the steps of a scenario one after the other, up to the first that fails, and tells of each. */
export async function runScenario(
  scenario: ScenarioFile,
  context: ScenarioContext,
  { onBegin, onStep }: { onBegin(title: string): void; onStep(step: StepReport): void },
): Promise<ScenarioReport> {
  const startedAt = performance.now();
  const saved = new Map<string, unknown>();
  const runId = randomBytes(5).toString('hex');
  let folder: string | undefined;
  const lookUp = (name: string): unknown => {
    if (name === 'run.id') return runId;
    if (name === 'run.folder') {
      folder ??= makeTempFolder('carvos-run-');
      return folder;
    }
    if (name === 'now') return new Date().toISOString();
    return name.startsWith('env.') ? context.io.env[name.slice(4)] : saved.get(name);
  };
  const steps: StepReport[] = [];
  try {
    for (const [name, value] of Object.entries(scenario.vars)) saved.set(name, fillIn(value, lookUp));
    for (const [index, step] of scenario.steps.entries()) {
      onBegin(titleOf(step.kind, step.value, index));
      const latest = steps.findLast(({ reference_id }) => reference_id !== null)?.reference_id ?? null;
      const report = await runStep(step, index, { context, lookUp, saved, latest });
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

interface Surroundings {
  context: ScenarioContext;
  lookUp(name: string): unknown;
  saved: Map<string, unknown>;
  /** The last reference that there was before this step. */
  latest: string | null;
}

async function runStep(
  { kind, value, line }: ScenarioStep,
  index: number,
  { context, lookUp, saved, latest }: Surroundings,
): Promise<StepReport> {
  const startedAt = performance.now();
  let title = titleOf(kind, value, index);
  const report = (rest: Pick<StepReport, 'ok' | 'text' | 'exit_code'> & Partial<StepReport>): StepReport => ({
    title,
    line,
    duration_ms: roundMs(performance.now() - startedAt),
    lines: [],
    why: [],
    trace: [],
    reference_id: null,
    ...rest,
  });
  try {
    const { save, ...step } = fillIn(value, lookUp) as Record<string, unknown>;
    title = titleOf(kind, step, index);
    for (const file of filesOf(step)) context.used.add(resolve(context.io.cwd, file));
    const runKind = RUN[kind] as (context: ScenarioContext, step: unknown) => Promise<StepResult>;
    const { got, text, reference } = await runKind(context, step);
    for (const [name, path] of Object.entries((save as Record<string, string> | undefined) ?? {})) {
      const at = parsePath(path);
      const found = at === null ? undefined : readPath(got, at);
      if (found === undefined) throw new NotMet(`save: there is no ${path} in what came`, [], reference);
      saved.set(name, found);
    }
    return report({ ok: true, text, reference_id: reference, exit_code: EXIT.ok });
  } catch (thrown) {
    if (context.signal.aborted)
      return report({ ok: false, text: 'interrupted', exit_code: EXIT.interrupted });
    const error = translateControlError(thrown, null);
    if (!(error instanceof NotMet)) {
      if (!isCliError(error)) throw error;
      const lines = typeof error.next === 'string' ? [`next: ${error.next}`] : [];
      return report({ ok: false, text: error.message, lines, exit_code: error.exitCode });
    }
    const reference_id = error.reference ?? (error.why.length === 0 ? latest : null);
    const known = await explain(context, reference_id);
    return report({
      ok: false,
      text: error.message,
      lines: [...error.lines],
      why: [...error.why, ...known.why],
      trace: known.trace,
      reference_id,
      exit_code: error.exit,
    });
  }
}

/** A failure is reported also where it cannot be explained. */
function explain({ client, gateway }: ScenarioContext, reference: string | null): Promise<Explanation> {
  const nothing = { why: [], trace: [] };
  if (reference === null) return Promise.resolve(nothing);
  return explainReference(client, reference, !gateway.own).catch(() => nothing);
}

/** What a step reads, or would if it were there. */
function filesOf({ send, trigger, cv, run }: Record<string, unknown>): string[] {
  const events: readonly unknown[] = [...INCOMING_EVENTS, ...OUTGOING_EVENTS];
  const words = typeof run === 'string' ? run.split(/[\s'"]+/) : [];
  return [send, trigger, cv, ...words].filter(
    (one): one is string => typeof one === 'string' && one !== '' && !events.includes(one),
  );
}

function titleOf(kind: string, value: Record<string, unknown>, index: number): string {
  if (typeof value.name === 'string') return value.name;
  const what = value[kind];
  const text = typeof what === 'string' ? what : JSON.stringify(what);
  return `${index + 1} ${kind} ${text.length > 60 ? `${text.slice(0, 59)}…` : text}`;
}
