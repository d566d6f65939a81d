import type { ConfigFault, FaultRuleInput } from '../../contract/fault-rule.ts';
import { MAX_FAULT_DELAY_MS } from '../../contract/misbehaviour.ts';
import type { Settings } from '../../emulator/options.ts';
import { parseDuration } from '../duration.ts';
import { CliError } from '../errors.ts';
import type { Config } from './load.ts';
import { requireSecret } from './secrets.ts';

/**
 * What the emulator can be told of a configuration.
 *
 * @throws CliError (exit 2) when a secret is not set.
 */
export function emulatorSettings(config: Config): Settings {
  return {
    ats: config.ats.map((ats) => ({
      id: ats.id,
      name: ats.name,
      webhookUrl: ats.webhookUrl,
      apiKey: requireSecret(ats.apiKey),
      incomingSecret: requireSecret(ats.incomingSecret),
      outgoingSecret: requireSecret(ats.outgoingSecret),
      workspaces: ats.workspaces,
    })),
    unprovisioned: config.unprovisioned,
    receiverTimeoutMs: config.receiverTimeoutMs,
    speed: config.speed,
    provisioningLatencyMs: config.provisioningLatencyMs,
    fallbackWebhookUrl: null,
    faults: config.faults.map(faultRule),
    seed: config.seed,
  };
}

/** The config file's names and durations, as the control API has them. */
function faultRule({ clientId, atsId, delay, retryAfter, ...rest }: ConfigFault): FaultRuleInput {
  return {
    ...rest,
    client_id: clientId,
    ats_id: atsId,
    delay_ms: delay === undefined ? undefined : faultDelay(delay),
    retry_after: retryAfter,
  };
}

function faultDelay(text: string): number {
  const ms = Math.round(parseDuration(text, 'delay'));
  if (ms > 0 && ms <= MAX_FAULT_DELAY_MS) return ms;
  throw new CliError(`the config file: the delay of a fault is ${text}`, {
    next: 'give one above 0 and at most 10m',
  });
}
