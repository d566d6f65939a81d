import type { Program } from '../../client/check/probes/crash.ts';
import { isListening } from '../../transport/is-listening.ts';
import type { ReceiverTls } from '../../transport/receiver-tls.ts';
import { type Child, type ChildOptions, startChild } from './run-child.ts';
import { untilAnswer } from './wait-for-receiver.ts';

/** How long a receiver may take until it answers. */
const START_LIMIT_MS = 30_000;

/** A receiver that is killed and started again. */
export interface Restartable extends Program {
  /** Ends it for good, as far as it lives. Returns why something of it is left; `null` when nothing is. */
  end(): Promise<string | null>;
}

/**
 * @param command for the shell; what it prints goes to our standard error.
 * @param url where it answers, anything, once it is up.
 */
export function createRestartable(
  command: string,
  url: URL,
  tls: ReceiverTls | undefined,
  surroundings: Pick<ChildOptions, 'cwd' | 'env'>,
): Restartable {
  let child: Child | null = null;
  const end = async () => (await child?.endTree()) ?? null;
  return {
    async start() {
      if (await isListening(url)) return `something listens on ${url.host} already`;
      const failures: string[] = [];
      const started = startChild(command, {
        ...surroundings,
        output: 'error',
        onFailure: (message) => failures.push(message),
      });
      child = started;
      const { ended } = started;
      const { how, lastProblem } = await untilAnswer(url, { tls }, { limitMs: START_LIMIT_MS, ended });
      if (how === 'answered') return null;
      if (how === 'ended') return failures[0] ?? `the command ended with ${await ended} before it answered`;
      return `it does not answer at ${url.host} within ${START_LIMIT_MS / 1000} s: ${lastProblem}`;
    },
    async kill() {
      child?.signal('SIGKILL');
      return await end();
    },
    end,
  };
}
