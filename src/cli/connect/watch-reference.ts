import type { ControlClient } from '../../client/control-client.ts';
import type { FeedEntry, Trace } from '../../contract/control.ts';
import { limitTime } from '../../transport/limit-time.ts';
import type { Output } from '../terminal/output.ts';
import { createFeedFormatter, type Reader } from '../text/feed.ts';

/** Real milliseconds that opening the feed may take, and that the last lines may come late. */
const OPEN_MS = 2000;
const LATE_MS = 2000;

/** Tells what a reference causes while it happens, in the words of `dev`. */
export interface ReferenceWatch {
  /** Tells what there was about it so far, and from here on what comes. */
  follow(referenceId: string): void;
  /**
   * Ends once the attempts of `trace` were told: a line waits for its diagnosis. Gives up on what does not come.
   *
   * @returns ids of the attempts that were told.
   */
  end(trace: Trace | null): Promise<ReadonlySet<string>>;
}

/**
 * Opens the live feed, before anything is sent, so that nothing is missed.
 *
 * @returns `null` where it cannot be had; what happened is then told at the end.
 */
export async function watchReference(
  client: ControlClient,
  output: Output,
  reader: Reader,
): Promise<ReferenceWatch | null> {
  const stop = new AbortController();
  const told = new Set<string>();
  const format = createFeedFormatter(output.paint, reader);
  let early: FeedEntry[] = [];
  let reference: string | null = null;
  let onTold = () => {};

  const tell = (entry: FeedEntry) => {
    if (referenceOf(entry) !== reference) return;
    for (const line of format(entry)) output.line(line);
    if (entry.type === 'attempt.finished') told.add(entry.record.id);
    onTold();
  };
  const follow = async (onOpen: () => void) => {
    const onState = (state: 'open' | 'lost') => {
      if (state === 'open') onOpen();
    };
    for await (const entry of client.feed(stop.signal, { onState })) {
      if (reference === null) early.push(entry);
      else tell(entry);
    }
  };
  const isOpen = await new Promise<boolean>((resolve) => {
    const callOff = limitTime(OPEN_MS, () => resolve(false));
    const settle = (open: boolean) => {
      callOff();
      resolve(open);
    };
    // Why it cannot be had is no matter: the log has it all.
    follow(() => settle(true)).catch(() => settle(false));
  });
  if (!isOpen) {
    stop.abort();
    return null;
  }
  return {
    follow(referenceId) {
      reference = referenceId;
      for (const entry of early) tell(entry);
      early = [];
    },
    async end(trace) {
      const owed = trace?.deliveries.flatMap(({ attempts }) => attempts.map(({ id }) => id)) ?? [];
      const isTold = () => owed.every((id) => told.has(id));
      await new Promise<void>((resolve) => {
        const callOff = limitTime(LATE_MS, resolve);
        onTold = () => {
          if (!isTold()) return;
          callOff();
          resolve();
        };
        onTold();
      });
      stop.abort();
      return told;
    },
  };
}

/** Of what comes after the 202; the 202 itself was told by whoever sent. */
function referenceOf(entry: FeedEntry): string | null {
  if (entry.type === 'attempt.finished') return entry.record.reference_id;
  return entry.type === 'job.finished' ? entry.reference_id : null;
}
