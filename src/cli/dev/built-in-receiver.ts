import { type Receiver, startReceiver } from '../../client/receiver.ts';
import type { Emulator } from '../../emulator/in-process/api.ts';
import type { Settings } from '../../emulator/settings.ts';

export interface BuiltInReceiver extends Receiver {
  /** Deliveries that it took. */
  readonly taken: number;
}

/**
 * Shows the whole loop where an ATS has no receiver yet: takes its deliveries until a webhook URL is set.
 * On any free port: nobody configures this one.
 *
 * @param settings get its URL; their secrets count until the gateway runs.
 * @param running the gateway, once there is one: it knows secrets that were rotated.
 */
export async function startBuiltInReceiver(
  settings: Settings,
  running: () => Emulator | undefined,
): Promise<BuiltInReceiver> {
  const events = new Set<string>();
  const receiver = await startReceiver({
    port: 0,
    secrets: () => running()?.outgoingSecrets() ?? settings.ats.map((one) => one.outgoingSecret),
    onRequest: ({ event_id, verdict }) => {
      if (verdict.valid && event_id !== null) events.add(event_id);
    },
  });
  settings.fallbackWebhookUrl = receiver.url;
  return {
    ...receiver,
    get taken() {
      return events.size;
    },
  };
}
