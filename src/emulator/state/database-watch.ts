import { clearInterval, setInterval } from 'node:timers';
import type { LiveFeed } from '../live-feed.ts';
import { writeMeta } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';

const LOOK_EVERY_MS = 1000;
/** What has to fit on a disk that was full before it counts as having room: more than most events take. */
const TRIAL_BYTES = 256 * 1024;

/** Whether what is written now is kept: the database's files are there, also while nothing is written, and there is room. */
export function watchDatabase(store: Store, liveFeed: LiveFeed, onError: (error: unknown) => void) {
  let isUnusable = false;
  let isFull = false;
  const goOn = (why: string) =>
    liveFeed.publish(() => ({ type: 'notice', level: 'info', text: `${why}: going on` }));
  const look = () => {
    const problem = store.findProblem();
    if (problem) onError(problem);
    else if (isUnusable) goOn(`${store.file} is back`);
    isUnusable = problem !== null;
    if (isFull && !isUnusable) void tryToWrite();
  };
  async function tryToWrite() {
    try {
      for (const length of [TRIAL_BYTES, 0])
        await store.group.submit(() => writeMeta(store.sql, 'room', 'x'.repeat(length)));
    } catch {
      return;
    }
    if (isFull) goOn(`there is room for ${store.file} again`);
    isFull = false;
  }
  const timer = setInterval(look, LOOK_EVERY_MS);
  timer.unref();
  return {
    /** Nothing can be stored without somebody's help. */
    get isUnusable() {
      return isUnusable;
    },
    /** The last write found no room. It is tried again once a second. */
    get isFull() {
      return isFull;
    },
    noteFull() {
      isFull = true;
    },
    stop: () => clearInterval(timer),
  };
}
