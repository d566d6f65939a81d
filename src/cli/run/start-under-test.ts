import { findProxy } from '../../transport/proxy.ts';
import { type Child, childEnv, startChild } from '../exec/run-child.ts';
import { untilAnswer } from '../exec/wait-for-receiver.ts';
import { parseTarget } from '../input/target.ts';
import { CliError, EXIT } from '../terminal/errors.ts';
import type { Io } from '../terminal/io.ts';
import type { ScenarioGateway } from './gateway.ts';

/**
 * Starts the ATS under test, and waits until it answers.
 *
 * @param options `timeoutMs` in wall milliseconds.
 * @returns what was started; `null` without `--start`.
 * @throws CliError (exit 5) when it ends, or does not answer in time.
 */
export async function startUnderTest(
  io: Io,
  gateway: ScenarioGateway,
  options: { start?: string | undefined; waitFor?: string | undefined; timeoutMs: number },
  signal: AbortSignal,
): Promise<Child | null> {
  const { start, waitFor, timeoutMs } = options;
  const target = waitFor === undefined ? null : parseTarget(waitFor, '--wait-for');
  const child =
    start === undefined
      ? null
      : startChild(start, {
          cwd: io.cwd,
          env: childEnv(io.env, gateway.environment(), gateway.caFile),
          onFailure: (message) => io.stderr.write(`error: ${message}\n`),
        });
  if (target === null) return child;
  const { receiverTls: tls, receiverProxy } = gateway;
  const proxy = receiverProxy && findProxy(receiverProxy, target)?.url;
  const { how } = await untilAnswer(
    target,
    { tls, proxy },
    { limitMs: timeoutMs, ended: child?.ended, signal },
  );
  if (how === 'answered' || how === 'interrupted') return child;
  await child?.endTree();
  const what = how === 'ended' ? 'the command of --start ended before it answered' : 'it does not answer';
  throw new CliError(`${target.href}: ${what}`, {
    exitCode: EXIT.unreachable,
    next: 'check --start and --wait-for',
  });
}
