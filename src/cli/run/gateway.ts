import { startReceiver } from '../../client/receiver.ts';
import type { Config } from '../config/load.ts';
import { lookupEmulator } from '../connect/find-gateway.ts';
import { devPlace, devSettings } from '../dev/flags.ts';
import { startGateway } from '../dev/start-gateway.ts';
import type { Io } from '../terminal/io.ts';

/** The gateway that scenarios run against. */
export interface ScenarioGateway {
  url: string;
  token: string;
  /** PEM file with what has to be trusted there. */
  caFile?: string;
  /** Where webhooks go unless a scenario's own ATS is told otherwise. */
  webhookUrl: string | null;
  /** Whether it was started for this run. */
  own: boolean;
  close(): Promise<void>;
}

/**
 * The gateway that runs here; otherwise one of its own as `exec` has it: in memory, on any port, with the clock at
 * `max`. Without a webhook URL a built-in receiver takes the webhooks.
 *
 * @throws CliError (exit 2) when none can be started.
 */
export async function openGateway(
  io: Io,
  config: Config,
  webhookUrl: string | null,
): Promise<ScenarioGateway> {
  const running = lookupEmulator(io, config);
  const configured = webhookUrl ?? config.ats[0]?.webhookUrl ?? null;
  if (running.found) {
    const { url, token, caFile } = running;
    return { url, token, caFile, webhookUrl: configured, own: false, close: async () => {} };
  }
  const settings = devSettings(config, io, {});
  settings.speed = 'max';
  const place = { ...devPlace(config, {}), port: 0, portAsked: true, database: ':memory:' };
  const secrets = settings.ats.map((one) => one.outgoingSecret);
  const receiver = configured === null ? await startReceiver({ port: 0, secrets: () => secrets }) : null;
  const emulator = await startGateway(place, settings, config, undefined);
  return {
    url: emulator.url,
    token: emulator.controlToken,
    webhookUrl: configured ?? receiver!.url,
    own: true,
    async close() {
      await emulator.close();
      await receiver?.close();
    },
  };
}
