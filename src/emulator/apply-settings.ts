import { describeFacts } from '../contract/facts/describe-facts.ts';
import type { AtsRegistry } from './ats/registry.ts';
import type { Faults } from './faults/faults.ts';
import type { Ai } from './processing/ai/ai.ts';
import { faultRuleOf, type Settings } from './settings.ts';
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
  if (faults.applyConfig((after.faults ?? []).map(faultRuleOf))) {
    changes.push(`faults of the config file: ${after.faults?.length ?? 0}`);
  }
  if (JSON.stringify(after.facts) !== JSON.stringify(before.facts))
    changes.push(`facts in force: ${describeFacts(after.facts).length}`);
  changes.push(...ai.apply(after.ai ?? {}));
  return changes;
}

/** Of ATSs that have some, in the order of their ids: one without that comes or goes changes none. */
const headersOf = ({ ats }: Settings) =>
  ats
    .flatMap(({ id, receiverHeaders = {} }) => Object.entries(receiverHeaders).map((one) => [id, ...one]))
    .sort();

function describeRules(before: Settings, after: Settings): string[] {
  const changes: string[] = [];
  if (after.receiverTimeoutMs !== before.receiverTimeoutMs) {
    const { receiverTimeoutMs: ms } = after;
    changes.push(`receiver timeout is now ${ms === null ? 'off' : `${ms / 1000} s`}`);
  }
  if (JSON.stringify(after.receiverTls) !== JSON.stringify(before.receiverTls))
    changes.push('certificates of receivers are judged by the new rules');
  if ((after.strictHttps ?? false) !== (before.strictHttps ?? false))
    changes.push(`http:// is now ${after.strictHttps ? 'refused' : 'allowed'}`);
  if (JSON.stringify(headersOf(after)) !== JSON.stringify(headersOf(before)))
    changes.push('headers for receivers changed');
  if (after.unprovisioned !== before.unprovisioned)
    changes.push(`unprovisioned is now ${after.unprovisioned}`);
  if (after.provisioningLatencyMs !== before.provisioningLatencyMs)
    changes.push(`provisioning now takes ${after.provisioningLatencyMs} ms`);
  return changes;
}
