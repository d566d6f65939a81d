import type { ScenariosDocument } from '../../contract/output/running.ts';
import type { AtsRegistry } from '../ats/registry.ts';
import type { Settings } from '../settings.ts';

/** How scenarios are run. */
export interface RunOptions {
  /** So many at once; one after the other by default. */
  parallel?: number;
  /** Wall milliseconds that a step may take to bring what it expects; 4,000 by default. */
  timeout?: number;
}

/** What became of each scenario, as `carvos run --json` prints it. */
export type ScenarioRun = ScenariosDocument;

/** Runs scenarios against this gateway, each with an ATS of its own. */
export type EmulatorRun = (files: string | readonly string[], options?: RunOptions) => Promise<ScenarioRun>;

/** A scenario failed, or a file is none. The message says which step, what was expected and what there is. */
export class ScenarioError extends Error {
  /** What became of each; `null` where a file is wrong and nothing was run. */
  readonly run: ScenarioRun | null;

  constructor(message: string, run: ScenarioRun | null) {
    super(message);
    this.name = 'ScenarioError';
    this.run = run;
  }
}

/** Less than the 5 seconds that vitest and Jest give a test. */
const TIMEOUT_MS = 4000;

export function createRun(parts: {
  url: string;
  controlToken: string;
  registry: AtsRegistry;
  settings(): Settings;
  certificate: string | undefined;
  closing: AbortSignal;
}): EmulatorRun {
  return async (files, { parallel = 1, timeout = TIMEOUT_MS } = {}) => {
    const { url, controlToken: token, registry, certificate } = parts;
    // The same runner as the command's, which is not loaded where nothing is run.
    const { runInProcess } = await import('../../cli/run/in-process.ts');
    const [first] = registry.list();
    const ran = await runInProcess(
      {
        url,
        token,
        ca: certificate === undefined ? undefined : [certificate],
        atsId: first?.id,
        webhookUrl: first === undefined ? null : registry.webhookUrl(first),
        hasFallback: typeof parts.settings().fallbackWebhookUrl === 'string',
        outgoingSecrets: () => registry.list().flatMap((ats) => registry.validSecrets(ats, 'outgoing')),
      },
      [files].flat(),
      { parallel, timeoutMs: timeout, signal: parts.closing },
    );
    if ('wrong' in ran) throw new ScenarioError(ran.wrong, null);
    if (ran.result.failed > 0) throw new ScenarioError(ran.lines.join('\n').trimEnd(), ran.result);
    return ran.result;
  };
}
