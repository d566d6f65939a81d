import { isListening } from '../../transport/is-listening.ts';
import type { ReceiverTls } from '../../transport/receiver-tls.ts';
import { type Child, shellWords, startChild } from './run-child.ts';
import { untilAnswer } from './wait-for-receiver.ts';

/** How long a receiver may take until it answers. */
const START_LIMIT_MS = 30_000;

/** A receiver that is killed and started again. */
export interface Restartable {
  /** Returns why it does not answer; `null` when it does. */
  start(): Promise<string | null>;
  /** Kills it with all that it started, and waits until nothing of it is left. Returns why something is; `null` when nothing is. */
  kill(): Promise<string | null>;
  /** Ends it for good, as far as it lives. Returns why something of it is left; `null` when nothing is. */
  end(): Promise<string | null>;
}

export interface RestartableOptions {
  /** For the shell. What it prints goes to our standard error. */
  command: string;
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  /** Where it answers, anything, once it is up. */
  url: URL;
  tls: ReceiverTls | undefined;
}

export function createRestartable({ command, url, tls, ...rest }: RestartableOptions): Restartable {
  let child: Child | null = null;
  const end = async () => (await child?.endTree()) ?? null;
  return {
    async start() {
      if (await isListening(url)) return `something listens on ${url.host} already`;
      const failures: string[] = [];
      const started = startChild(shellWords(command), {
        ...rest,
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
