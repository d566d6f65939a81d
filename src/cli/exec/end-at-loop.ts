import type { FeedEntry } from '../../contract/control.ts';
import { isEndless } from '../text/echo.ts';
import type { Child } from './run-child.ts';

/**
 * Ends a command at an echo loop, and holds the deliveries that would go on with it.
 *
 * @returns tells the reference of the event at which it was ended; `null` while there was none.
 */
export function endAtLoop(
  emulator: { subscribe(listener: (entry: FeedEntry) => void): unknown; holdDeliveries(): unknown },
  child: Pick<Child, 'endTree'>,
  maxEcho: number,
): () => string | null {
  let looped: string | null = null;
  emulator.subscribe((entry) => {
    if (looped !== null || !isEndless(entry, maxEcho)) return;
    looped = entry.reference_id;
    emulator.holdDeliveries();
    void child.endTree();
  });
  return () => looped;
}
