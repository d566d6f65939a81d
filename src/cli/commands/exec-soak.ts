import { createControlClient } from '../../client/control-client.ts';
import type { StatusView, Trace } from '../../contract/control.ts';
import { DEFAULT_SEED } from '../../contract/faults.ts';
import { OUTPUT_VERSION } from '../../contract/version.ts';
import type { Emulator } from '../../emulator/in-process/api.ts';
import type { devSettings } from '../dev/flags.ts';
import { childEnv } from '../exec/child-env.ts';
import { endAtLoop } from '../exec/end-at-loop.ts';
import { type Child, startChild } from '../exec/run-child.ts';
import { soak } from '../exec/soak.ts';
import { mixOf } from '../exec/soak-mix.ts';
import { describeSoak } from '../exec/soak-tally.ts';
import { type Way, waitForReceiver } from '../exec/wait-for-receiver.ts';
import { parseDuration } from '../input/duration.ts';
import { EXIT } from '../terminal/exit-codes.ts';
import type { Io } from '../terminal/io.ts';
import { toJson } from '../terminal/neutralize.ts';
import type { Output } from '../terminal/output.ts';
import { shellQuote } from '../text/curl.ts';
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
  statusAtRest(emulator: Emulator): Promise<StatusView>;
  maxEcho: number;
}

/** `exec --soak`. @throws CliError (exit 2) for what is no duration, and where no gateway can be started. */
export async function runSoak(io: Io, output: Output, duration: string, parts: SoakParts): Promise<void> {
  const { words, settings, target, way, atsId } = parts;
  const startedAt = performance.now();
  let child: Child | undefined;
  let stopped: NodeJS.Signals | null = null;
  let loopOf = (): string | null => null;
  let loop: Trace | null = null;
  const onSignal = (signal: NodeJS.Signals) => {
    // Whoever is still impatient gets out at once; the guard of the process group ends the command.
    if (stopped !== null) process.exit(EXIT.interrupted);
    stopped = signal;
    child?.signal(signal);
  };
  io.onSignal = onSignal;
  const { tally, hopeless } = await soak({
    durationMs: parseDuration(duration, '--soak'),
    seed: settings.seed ?? DEFAULT_SEED,
    async open(seed) {
      const { emulator, receiver } = await parts.open(settingsOf(settings, seed));
      const release = target === null ? () => {} : emulator.holdDeliveries();
      const wait = target === null ? null : waitForReceiver(target, way, release);
      return {
        emulator,
        async release() {
          wait?.stop();
          await emulator.close();
          await receiver?.close();
        },
      };
    },
    run(emulator) {
      const started = startChild(words, {
        cwd: io.cwd,
        env: childEnv(io.env, emulator.env(atsId), parts.caFile),
        onFailure: (message) => output.note(`error: ${message}`),
      });
      loopOf = endAtLoop(emulator, started, parts.maxEcho);
      return started;
    },
    async rest(emulator) {
      const status = await parts.statusAtRest(emulator);
      const looped = loopOf();
      if (looped === null) return status;
      const { url, controlToken: token } = emulator;
      loop = await createControlClient({ url, token, caFile: parts.caFile }).trace(looped);
      return status;
    },
    looped: () => loop !== null,
    onChild(next) {
      child = next;
      if (stopped !== null) child.signal(stopped);
    },
    stopped: () => stopped !== null,
    onFailed(seed, exitCode, exhausted) {
      const ended = exitCode === 0 ? `${exhausted} exhausted` : `the command ended with ${exitCode}`;
      const what = loop === null ? ended : 'an echo loop';
      output.note(`carvos: the round of seed ${seed} failed: ${what}`);
    },
  });
  const document = tally.document(performance.now() - startedAt);
  // Set within the callbacks above, which the compiler does not follow.
  const found = loop as Trace | null;
  if (output.json) {
    const echoes = found && { echoes: found.echoes };
    io.stderr.write(`${toJson({ version: OUTPUT_VERSION, ...document, ...echoes })}\n`);
  } else {
    const end = found === null ? [] : describeLoop(found, output.paint);
    for (const line of [...end, ...describeSoak(document, words.map(shellQuote).join(' '))])
      output.note(line);
  }
  if (hopeless !== null) io.exitCode = hopeless;
  else if (document.failed > 0) io.exitCode = EXIT.notMet;
  else if (stopped !== null) io.exitCode = stopped === 'SIGINT' ? EXIT.interrupted : EXIT.terminated;
}

/** The faults of the config file come first; those of the round after them. */
function settingsOf(settings: Settings, seed: number): Settings {
  return { ...settings, seed, faults: [...(settings.faults ?? []), ...mixOf(seed)] };
}
