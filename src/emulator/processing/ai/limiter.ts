/** Lets so many in at once; the others wait in order. */
export function createLimiter() {
  let inside = 0;
  let waiting: { limit: number; go: () => void }[] = [];
  const leave = () => {
    inside--;
    admit();
  };
  const admit = () => {
    while (waiting.length > 0 && inside < waiting[0]!.limit) {
      inside++;
      waiting.shift()!.go();
    }
  };
  return {
    /** @returns the function that leaves. Rejects with the signal's reason when it is aborted first. */
    enter(limit: number, signal: AbortSignal): Promise<() => void> {
      return new Promise((resolve, reject) => {
        signal.throwIfAborted();
        const abort = () => {
          waiting = waiting.filter((other) => other !== one);
          reject(signal.reason);
          admit();
        };
        const one = {
          limit,
          go: () => {
            signal.removeEventListener('abort', abort);
            let left = false;
            resolve(() => {
              if (!left) leave();
              left = true;
            });
          },
        };
        signal.addEventListener('abort', abort, { once: true });
        waiting.push(one);
        admit();
      });
    },
  };
}
