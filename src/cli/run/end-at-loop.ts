import type { ControlClient } from '../../client/control-client.ts';
import type { Trace } from '../../contract/control.ts';
import { isEndless } from '../text/echo.ts';

/**
 * Waits until the same data came back so often that it is an echo loop.
 *
 * @param atsId of this ATS alone: at a gateway that others use too.
 * @returns what the last of its events caused; `null` once `signal` is aborted, or the feed has ended.
 */
export async function findLoop(
  client: ControlClient,
  atsId: string | undefined,
  maxEcho: number,
  signal: AbortSignal,
): Promise<Trace | null> {
  try {
    for await (const entry of client.feed(signal)) {
      if (isEndless(entry, maxEcho, atsId)) return await client.trace(entry.reference_id);
    }
  } catch {
    // Without the feed nothing is found; why it is gone is said where the steps need the gateway.
  }
  return null;
}
