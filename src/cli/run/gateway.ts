import { environmentOf } from '../../contract/environment.ts';
import type { ProxyRules } from '../../transport/proxy.ts';
import type { ReceiverTls } from '../../transport/receiver-tls.ts';
import { requireCredentials, selectAts } from '../config/ats.ts';
import type { Config } from '../config/load.ts';
import { resolveReceiverTls } from '../config/receiver-tls.ts';
import { lookupEmulator } from '../connect/find-gateway.ts';
import { type DevFlags, devPlace, devSettings } from '../dev/flags.ts';
import { startWithReceiver } from '../dev/start-gateway.ts';
import { parseTarget } from '../input/target.ts';
import { CliError } from '../terminal/errors.ts';
import type { Io } from '../terminal/io.ts';

export interface ScenarioGateway {
  url: string;
  token: string;
  /** PEM file with what has to be trusted there. */
  caFile?: string | undefined;
  /** Certificates that are trusted there, where no file holds them. */
  ca?: readonly string[] | undefined;
  /** How the certificate of an ATS under test is judged. */
  receiverTls: ReceiverTls | undefined;
  receiverProxy?: ProxyRules | undefined;
  /** Where webhooks go, instead of where those of the ATS go that the scenario's is like. */
  webhookUrl?: string | null | undefined;
  /** What the ATS of each scenario is to be like, so that an ATS under test knows secret and tenant. */
  like: { secrets_of?: string | undefined; client_id?: string | undefined; user_id?: string | undefined };
  /** Whether it ends with the run. */
  own: boolean;
  /** What the ATS under test needs, as `exec` sets it. */
  environment(): Record<string, string>;
  close(): Promise<void>;
}

/**
 * The gateway that runs here; otherwise one of its own as `exec` has it: in memory, on any port, with the clock at
 * `max`. Without a webhook URL a built-in receiver takes the webhooks.
 *
 * @throws CliError (exit 2) when none can be started, for a flag that makes no sense, or where it is not said which ATS of several.
 */
export async function openGateway(
  io: Io,
  config: Config,
  flags: Pick<DevFlags, 'atsId' | 'webhookUrl' | 'receiverCa' | 'insecureReceiver' | 'proxy'>,
): Promise<ScenarioGateway> {
  const found = lookupEmulator(io, config);
  const ats = selectAts(config, flags.atsId);
  const member = ats.workspaces[0];
  const like = {
    secrets_of: ats.id,
    client_id: member?.clientId,
    user_id: member?.members[0]?.userId,
  };
  if (found.found) {
    const { url, token, caFile } = found;
    if (flags.proxy) {
      throw new CliError('--proxy is for a gateway that run starts, and one is running here', {
        where: url,
        next: 'start carvos dev with --proxy',
      });
    }
    const { webhookUrl } = flags;
    return {
      url,
      token,
      caFile,
      receiverTls: resolveReceiverTls(config, io.cwd, flags),
      webhookUrl: webhookUrl === undefined ? undefined : parseTarget(webhookUrl, '--webhook-url').href,
      like,
      own: false,
      environment: () =>
        environmentOf({ url, controlToken: token }, { id: ats.id, ...requireCredentials(ats) }),
      close: async () => {},
    };
  }
  const settings = devSettings(config, io, flags);
  settings.speed = 'max';
  const place = { ...devPlace(config, {}), port: 0, portAsked: true, database: ':memory:' };
  const { emulator, receiver } = await startWithReceiver(place, settings, config);
  return {
    url: emulator.url,
    token: emulator.controlToken,
    receiverTls: settings.receiverTls,
    receiverProxy: settings.receiverProxy,
    like,
    own: true,
    environment: () => ({ ...emulator.env(ats.id) }),
    async close() {
      await emulator.close();
      await receiver.close();
    },
  };
}
