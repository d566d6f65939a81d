import type { Settings } from '../../emulator/options.ts';
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
    fallbackWebhookUrl: null,
  };
}
