import { clearInterval, setInterval } from 'node:timers';
import type { LiveFeed } from '../live-feed.ts';
import type { Store } from '../store/store.ts';

const LOOK_EVERY_MS = 1000;

/** Whether the database's files are still there, also while nothing is written. */
export function watchDatabase(store: Store, liveFeed: LiveFeed, onError: (error: unknown) => void) {
  let isGone = false;
  const look = () => {
    const gone = store.findGone();
    if (gone) onError(gone);
    else if (isGone) {
      liveFeed.publish(() => ({ type: 'notice', level: 'info', text: `${store.file} is back: going on` }));
    }
    isGone = gone !== null;
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  timer.unref();
  return {
    get isGone() {
      return isGone;
    },
    stop: () => clearInterval(timer),
  };
}
