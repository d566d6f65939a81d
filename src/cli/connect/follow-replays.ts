import { setTimeout } from 'node:timers';
import { setTimeout as delay } from 'node:timers/promises';
import type { ControlClient } from '../../client/control-client.ts';
import type { Delivery } from '../../contract/control.ts';
import { CliError, exitOfSignal } from '../terminal/errors.ts';
import type { Io, Signal } from '../terminal/io.ts';
import type { Output } from '../terminal/output.ts';

/** Ids that one request asks for; the control API's own limit is 1000. */
const CHUNK = 500;
const POLL_MS = 100;
const PROGRESS_AFTER_MS = 1000;
/** What the emulator is asked when a signal comes may be answered for so long. */
const GRACE_MS = 1000;

/** Deliveries as they stand; unknown ones are left out. */
export async function lookupAll(client: ControlClient, ids: readonly string[]): Promise<Delivery[]> {
  const found: Delivery[] = [];
  for (let start = 0; start < ids.length; start += CHUNK) {
    found.push(...(await client.lookupDeliveries(ids.slice(start, start + CHUNK))).items);
  }
  return found;
}

/**
 * Has replays made and waits until each has had its attempt, with progress on a terminal.
 *
 * @param make resolves with the ids of the replays; a signal meanwhile is obeyed once they are known, or a little later.
 * @returns the deliveries, in the order of these ids.
 * @throws CliError (exit 130 or 143) when it is interrupted; the emulator goes on with the replays.
 */
export async function followReplays(
  client: ControlClient,
  make: () => Promise<readonly string[]>,
  io: Io,
  output: Output,
): Promise<Delivery[]> {
  const done = new Map<string, Delivery>();
  let stopped: Signal | null = null;
  const interrupted = (signal: Signal, message: string) =>
    new CliError(message, {
      next: 'the gateway goes on with them; carvos deliveries shows them',
      exitCode: exitOfSignal(signal),
    });
  const givenUp = new Promise<never>((_resolve, reject) => {
    io.onSignal = (signal) => {
      stopped ??= signal;
      const error = interrupted(
        stopped,
        'stopped watching; the gateway does not say how many replays are to come',
      );
      setTimeout(() => reject(error), GRACE_MS).unref();
    };
  });
  givenUp.catch(() => {}); // thrown where it is waited for
  const ids = await Promise.race([make(), givenUp]);
  let waiting = [...ids];
  const showFrom = Date.now() + PROGRESS_AFTER_MS;
  const isTerminal = io.stderr.isTTY === true && ids.length > 1;
  let shown = false;
  while (waiting.length > 0) {
    if (stopped !== null) {
      if (shown) output.note('');
      throw interrupted(stopped, `stopped watching with ${waiting.length} of ${ids.length} replays to come`);
    }
    // They are attempted in about this order, so the first ones tell whether there is anything new.
    const asked = waiting.slice(0, CHUNK);
    const { items } = await Promise.race([client.lookupDeliveries(asked), givenUp]);
    const known = new Map(items.map((item) => [item.id, item]));
    const still = asked.filter((id) => known.get(id)?.state === 'pending');
    for (const item of items) if (item.state !== 'pending') done.set(item.id, item);
    const progressed = still.length < asked.length;
    waiting = [...waiting.slice(CHUNK), ...still];
    if (isTerminal && Date.now() >= showFrom) {
      shown = true;
      io.stderr.write(`\r${done.size} of ${ids.length} replayed`);
    }
    if (waiting.length > 0 && !progressed) await delay(POLL_MS);
  }
  if (shown) io.stderr.write('\r\x1b[K');
  io.onSignal = null;
  return ids.flatMap((id) => done.get(id) ?? []);
}
