import type { AtsRegistry } from './ats/registry.ts';
import type { Faults } from './faults/faults.ts';
import type { Ai } from './processing/ai/ai.ts';
import type { Settings } from './settings.ts';
import type { ScheduleClock } from './time/schedule-clock.ts';

export interface SettingsParts {
  registry: AtsRegistry;
  clock: ScheduleClock;
  faults: Faults;
  ai: Ai;
}

/** Puts settings in force where they differ from those before. Returns what changed, in words. */
export function applySettings(
  { registry, clock, faults, ai }: SettingsParts,
  before: Settings,
  after: Settings,
): string[] {
  const changes = [...registry.applyOptions(after.ats), ...describeRules(before, after)];
  // Not where the clock was moved otherwise meanwhile: the settings are applied where they changed.
  if (after.speed !== before.speed && after.speed !== clock.speed) {
    clock.setSpeed(after.speed);
    changes.push(`speed is now ${after.speed}`);
  }
  if (faults.applyConfig(after.faults ?? [])) {
    changes.push(`faults of the config file: ${after.faults?.length ?? 0}`);
  }
  changes.push(...ai.apply(after.ai ?? {}));
  return changes;
}

function describeRules(before: Settings, after: Settings): string[] {
  const changes: string[] = [];
  if (after.receiverTimeoutMs !== before.receiverTimeoutMs) {
    const { receiverTimeoutMs: ms } = after;
    changes.push(`receiver timeout is now ${ms === null ? 'off' : `${ms / 1000} s`}`);
  }
  if (after.unprovisioned !== before.unprovisioned)
    changes.push(`unprovisioned is now ${after.unprovisioned}`);
  if (after.provisioningLatencyMs !== before.provisioningLatencyMs)
    changes.push(`provisioning now takes ${after.provisioningLatencyMs} ms`);
  return changes;
}
