import { createControlClient } from '../../client/control-client.ts';
import type { Trace } from '../../contract/control.ts';
import { DEFAULT_SEED } from '../../contract/faults.ts';
import { OUTPUT_VERSION } from '../../contract/version.ts';
import type { Emulator } from '../../emulator/in-process/api.ts';
import type { devSettings } from '../dev/flags.ts';
import { endAtLoop } from '../exec/end-at-loop.ts';
import { type Child, childEnv, startChild } from '../exec/run-child.ts';
import { statusAtRest } from '../exec/run-record.ts';
import { mixOf } from '../exec/soak-mix.ts';
import { createSoakTally, describeSoak } from '../exec/soak-tally.ts';
import { type Way, waitForReceiver } from '../exec/wait-for-receiver.ts';
import { parseDuration } from '../input/flags.ts';
import { EXIT, exitOfSignal } from '../terminal/errors.ts';
import type { Io } from '../terminal/io.ts';
import { toJson } from '../terminal/neutralize.ts';
import type { Output } from '../terminal/output.ts';
import { stopOrExit } from '../terminal/stop-or-exit.ts';
import { describeLoop } from '../text/echo.ts';

type Settings = ReturnType<typeof devSettings>;

export interface SoakParts {
  words: readonly string[];
  /** `--wait-for`. */
  target: URL | null;
  /** How it is reached. */
  way: Way;
  settings: Settings;
  atsId: string;
  caFile: string | undefined;
  /** Starts a gateway, with a built-in receiver where nobody else is one. */
  open(settings: Settings): Promise<{ emulator: Emulator; receiver: { close(): Promise<void> } | null }>;
  maxEcho: number;
}

/** There is no such command, or it cannot be run: it would only fail again. */
const HOPELESS = [126, 127];

/**
 * `exec --soak`: runs a command again and again, each time beside a fresh gateway and with the faults of another seed,
 * until the time is up or somebody stops it.
 *
 * @throws CliError (exit 2) for what is no duration, and where no gateway can be started.
 */
export async function runSoak(io: Io, output: Output, duration: string, parts: SoakParts): Promise<void> {
  const { words, settings, target, way, atsId, caFile, maxEcho } = parts;
  const startedAt = performance.now();
  const end = startedAt + parseDuration(duration, '--soak');
  const tally = createSoakTally();
  let child: Child | undefined;
  let stopped = null as NodeJS.Signals | null;
  let loop: Trace | null = null;
  // Where the second signal ends this process, the guard of the process group ends the command.
  io.onSignal = stopOrExit((signal) => {
    stopped = signal;
    output.note('carvos: the soak ends when the command has ended; press Ctrl-C again to stop at once');
    child?.signal(signal);
  });
  let hopeless: number | null = null;
  for (let seed = settings.seed ?? DEFAULT_SEED; ; seed++) {
    // The faults of the config file come first; those of the round after them.
    const faults = [...(settings.faults ?? []), ...mixOf(seed)];
    const { emulator, receiver } = await parts.open({ ...settings, seed, faults });
    const wait = target && waitForReceiver(target, way, emulator.holdDeliveries());
    try {
      emulator.subscribe(tally.take);
      child = startChild(words, {
        cwd: io.cwd,
        env: childEnv(io.env, emulator.env(atsId), caFile),
        onFailure: (message) => output.note(`error: ${message}`),
      });
      const loopOf = endAtLoop(emulator, child, maxEcho);
      if (stopped !== null) child.signal(stopped);
      const exitCode = await child.ended;
      // Its receiver may be ending as well: what comes now is no result of the round.
      emulator.holdDeliveries();
      const status = await statusAtRest(emulator);
      const { deliveries } = status;
      const left = await child.endTree();
      if (left !== null) output.note(`carvos: ${left}`);
      const looped = loopOf();
      if (looped !== null) {
        const { url, controlToken: token } = emulator;
        loop = await createControlClient({ url, token, caFile }).trace(looped);
      }
      if (tally.endRound({ seed, exitCode, status, interrupted: stopped !== null && loop === null })) {
        const ended =
          exitCode === 0 ? `${deliveries.exhausted} exhausted` : `the command ended with ${exitCode}`;
        const what = loop === null ? ended : 'an echo loop';
        output.note(`carvos: the round of seed ${seed} failed: ${what}`);
      }
      if (HOPELESS.includes(exitCode)) hopeless = exitCode;
    } finally {
      wait?.stop();
      await emulator.close();
      await receiver?.close();
    }
    // The next round would only find the same loop again.
    if (hopeless !== null || stopped !== null || loop !== null || performance.now() >= end) break;
  }
  const document = tally.document(performance.now() - startedAt);
  if (output.json) {
    const echoes = loop && { echoes: loop.echoes };
    io.stderr.write(`${toJson({ version: OUTPUT_VERSION, ...document, ...echoes })}\n`);
  } else {
    const chain = loop === null ? [] : describeLoop(loop, output.paint);
    for (const line of [...chain, ...describeSoak(document)]) output.note(line);
  }
  if (hopeless !== null) io.exitCode = hopeless;
  else if (document.failed > 0) io.exitCode = EXIT.notMet;
  else if (stopped !== null) io.exitCode = exitOfSignal(stopped);
}
