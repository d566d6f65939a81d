import { startReceiver } from '../../client/receiver.ts';
import type { ScenariosDocument } from '../../contract/output/running.ts';
import { isCliError, whereOf } from '../terminal/errors.ts';
import { createIo } from '../terminal/io.ts';
import { neutralize } from '../terminal/neutralize.ts';
import { createPaint, type Output } from '../terminal/output.ts';
import { readScenario } from './read-scenario.ts';
import { conclude, printEnd, printStep } from './report-run.ts';
import { listFiles, runFiles } from './run-files.ts';

export interface Here {
  url: string;
  token: string;
  /** Certificates that are trusted there. */
  ca: readonly string[] | undefined;
  atsId: string | undefined;
  webhookUrl: string | null;
  /** Whether it delivers somewhere where an ATS has no webhook URL. */
  hasFallback: boolean;
  outgoingSecrets(): string[];
}

/**
 * Runs scenarios as `carvos run` does.
 *
 * @param files those of a folder too; relative to the working directory.
 * @returns what `--json` prints, and the lines for a person; or why a file cannot be run.
 */
export async function runInProcess(
  here: Here,
  files: readonly string[],
  options: { parallel: number; timeoutMs: number; signal: AbortSignal },
): Promise<{ result: ScenariosDocument; lines: string[] } | { wrong: string }> {
  const io = createIo();
  const lines: string[] = [];
  const output: Output = {
    json: false,
    verbose: false,
    paint: createPaint(false),
    line: (text = '') => void lines.push(text),
    note() {},
    document: (value) => {
      result = value as ScenariosDocument;
    },
    safe: neutralize,
  };
  let result: ScenariosDocument | undefined;
  const needsReceiver = here.webhookUrl === null && !here.hasFallback;
  const receiver = needsReceiver ? await startReceiver({ port: 0, secrets: here.outgoingSecrets }) : null;
  try {
    const scenarios = await Promise.all(listFiles(io, files).map((file) => readScenario(io, file)));
    const { url, token, ca, atsId } = here;
    const gateway = {
      url,
      token,
      ca,
      receiverTls: undefined,
      webhookUrl: here.webhookUrl ?? receiver?.url ?? null,
      like: { secrets_of: atsId },
      own: false,
    };
    const reports = await runFiles(io, output, gateway, scenarios, {
      ...options,
      onStep: (scenario, step) => printStep(output, scenario, step, options.parallel > 1),
      onEnd: (report) => printEnd(output, report),
    });
    conclude(output, scenarios.length, reports);
    return { result: result!, lines };
  } catch (error) {
    if (!isCliError(error)) throw error;
    return { wrong: [await whereOf(error), error.message].filter((one) => one !== undefined).join(': ') };
  } finally {
    await receiver?.close();
  }
}
