import type { AtsRegistry } from '../ats/registry.ts';
import type { Settings } from '../settings.ts';

/** Receivers that nothing goes to now: all of them for a while, or that of an ATS that has no webhook URL yet. */
export type PausedReceivers = ReturnType<typeof createPausedReceivers>;

export function createPausedReceivers(parts: {
  registry: AtsRegistry;
  settings(): Pick<Settings, 'holdWithoutUrl'>;
}) {
  const { registry } = parts;
  const all = new Set<symbol>();
  let changed = () => {};
  return {
    /** Whether nothing may go to that lane now. */
    isPaused(lane: string): boolean {
      if (all.size > 0) return true;
      if (!parts.settings().holdWithoutUrl) return false;
      // A replay to a URL of its own has a lane that is named after that, and is no ATS.
      const ats = registry.get(lane);
      return ats !== undefined && registry.webhookUrl(ats) === null;
    },
    /** Pauses every receiver until the returned function is called. */
    pauseAll(): () => void {
      const pause = Symbol('pause');
      all.add(pause);
      return () => {
        if (all.delete(pause)) changed();
      };
    },
    /** To be called when a webhook URL may have changed. */
    recheck: () => changed(),
    /** Calls back when something may go on. */
    onChange(listener: () => void): void {
      changed = listener;
    },
  };
}
