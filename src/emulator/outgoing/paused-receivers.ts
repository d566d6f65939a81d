import type { AtsRegistry } from '../ats/registry.ts';
import type { Settings } from '../settings.ts';

/** Deliveries that are kept back: all of them for a while, or those of an ATS that has no webhook URL yet. */
export interface Holds {
  /** Whether nothing may go to that receiver now. */
  isHeld(receiver: string): boolean;
  /** Keeps everything back until the returned function is called. */
  holdAll(): () => void;
  /** To be called when a webhook URL may have changed. */
  recheck(): void;
  /** Calls back when something may have been let go. */
  onChange(listener: () => void): void;
}

export function createHolds(parts: {
  registry: AtsRegistry;
  settings(): Pick<Settings, 'holdWithoutUrl'>;
}): Holds {
  const { registry } = parts;
  const all = new Set<symbol>();
  let changed = () => {};
  return {
    isHeld(receiver) {
      if (all.size > 0) return true;
      if (!parts.settings().holdWithoutUrl) return false;
      // A replay to a URL of its own has a lane that is named after that, and is no ATS.
      const ats = registry.get(receiver);
      return ats !== undefined && registry.webhookUrl(ats) === null;
    },
    holdAll() {
      const hold = Symbol('hold');
      all.add(hold);
      return () => {
        if (all.delete(hold)) changed();
      };
    },
    recheck: () => changed(),
    onChange(listener) {
      changed = listener;
    },
  };
}
