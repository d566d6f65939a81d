type End = () => unknown;

/** What a start has opened so far. */
export interface Undo {
  /** Where the start fails, this is called too, the last first. */
  add(end: End): void;
  /** One call that ends everything, in place of all that was added. */
  replace(end: End): void;
}

/**
 * Starts something that opens one thing after the other. Where that fails, nothing of it stays: a process must be
 * able to end, and the port and the database to be had again.
 *
 * @throws what `start` throws.
 */
export async function undoOnFailure<T>(start: (undo: Undo) => Promise<T>): Promise<T> {
  let opened: End[] = [];
  try {
    return await start({
      add: (end) => opened.push(end),
      replace(end) {
        opened = [end];
      },
    });
  } catch (error) {
    for (const end of opened.reverse()) {
      try {
        await end();
      } catch {
        // Why the start failed is what counts.
      }
    }
    throw error;
  }
}
