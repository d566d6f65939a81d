// Whether something else was working on the machine meanwhile: then figures are worth less.
import { readFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';

/** Above this share of all cores, other processes are mentioned. */
const WORTH_MENTIONING = 0.1;

/**
 * Begins to watch. The function that is returned says what was seen, or nothing where nothing was. The
 * load average alone would not do, because the benchmark itself is most of it.
 */
export function watchMachine() {
  const cores = availableParallelism();
  const load = loadavg()[0];
  const from = performance.now();
  const before = othersSeconds();
  return () => {
    const seconds = (performance.now() - from) / 1000;
    const after = othersSeconds();
    if (before === null || after === null) {
      return load > cores / 2 ? `load average ${load.toFixed(1)} on ${cores} cores when it began` : null;
    }
    const busy = Math.max(0, after - before) / seconds;
    if (busy < WORTH_MENTIONING * cores) return null;
    return `others kept ${busy.toFixed(1)} of ${cores} cores busy meanwhile (load average ${load.toFixed(1)} when it began): measure again on an idle machine`;
  };
}

/** Seconds of CPU that were used by all but this process and the children that have ended; Linux only. */
function othersSeconds() {
  try {
    const [user, nice, system] = readFileSync('/proc/stat', 'utf8').split(/\s+/).slice(1, 4).map(Number);
    const own = readFileSync('/proc/self/stat', 'utf8').split(') ')[1].split(' ').slice(11, 15).map(Number);
    // Hundredths of a second on every Linux.
    return (user + nice + system - own.reduce((sum, one) => sum + one, 0)) / 100;
  } catch {
    return null;
  }
}
