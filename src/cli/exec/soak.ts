import type { FeedEntry, StatusView } from '../../contract/control.ts';
import type { Child } from './run-child.ts';
import { createSoakTally, type SoakTally } from './soak-tally.ts';

/** What a round needs of its gateway. */
interface SoakGateway {
  subscribe(listener: (entry: FeedEntry) => void): unknown;
  holdDeliveries(): unknown;
}

export interface SoakOptions<G extends SoakGateway> {
  /** Wall milliseconds after which no round begins; the first always does. */
  durationMs: number;
  /** Of the first round; each next one has the next. */
  seed: number;
  /** A gateway of its own for a round, with the faults of its seed. */
  open(seed: number): Promise<{ emulator: G; release(): Promise<void> }>;
  /** Starts the command beside it. */
  run(emulator: G): Child;
  /** What stands when the command has ended. */
  rest(emulator: G): Promise<StatusView>;
  /** Called with what passes signals on to the command of this round. */
  onChild(child: Child): void;
  stopped(): boolean;
  /** Whether this round was ended at an echo loop: the next one would only find it again. */
  looped(): boolean;
  onFailed(seed: number, exitCode: number, exhausted: number): void;
}

/** There is no such command, or it cannot be run: it would only fail again. */
const HOPELESS = [126, 127];

/**
 * Runs a command again and again, each time beside a fresh gateway and with the faults of another seed, until the time
 * is up or somebody stops it.
 *
 * @returns what it came to, and the command's code where that could not be run at all.
 */
export async function soak<G extends SoakGateway>(
  options: SoakOptions<G>,
): Promise<{ tally: SoakTally; hopeless: number | null }> {
  const tally = createSoakTally();
  const end = performance.now() + options.durationMs;
  for (let { seed } = options; ; seed++) {
    const { emulator, release } = await options.open(seed);
    let exitCode: number;
    try {
      emulator.subscribe(tally.take);
      const child = options.run(emulator);
      options.onChild(child);
      exitCode = await child.ended;
      // Its receiver may be ending as well: what comes now is no result of the round.
      emulator.holdDeliveries();
      const { deliveries } = await options.rest(emulator);
      await child.endTree();
      const interrupted = options.stopped() && !options.looped();
      if (tally.endRound({ seed, exitCode, deliveries, interrupted }))
        options.onFailed(seed, exitCode, deliveries.exhausted);
    } finally {
      await release();
    }
    if (HOPELESS.includes(exitCode)) return { tally, hopeless: exitCode };
    if (options.stopped() || options.looped() || performance.now() >= end) return { tally, hopeless: null };
  }
}
