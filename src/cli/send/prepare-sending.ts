import { webhookPath } from '../../contract/paths.ts';
import { type AtsConfig, type LoadOptions, selectAts } from '../config/ats.ts';
import { outgoingDiffers } from '../config/differing-secrets.ts';
import { loadValidConfig } from '../config/load.ts';
import { requireSecret } from '../config/secrets.ts';
import { resolveSender } from '../config/sender.ts';
import { findGateway, requireToken } from '../connect/find-gateway.ts';
import { guardTarget } from '../connect/guard-target.ts';
import { sayWhetherItMoves, type WaitRequest } from '../connect/wait.ts';
import { warnOfDiffering } from '../connect/warn-differing.ts';
import { openClient } from '../connect/with-emulator.ts';
import type { Io } from '../terminal/io.ts';
import type { Output } from '../terminal/output.ts';
import { below, type Sending } from './sender.ts';
import type { SendFault } from './sign-request.ts';
import { readCv } from './upload-cv.ts';

/** What a command says about how it sends. */
export interface SendingOptions extends LoadOptions {
  via: Sending['via'];
  /** The gateway, instead of the one that is found. */
  url?: string | undefined;
  /** Signs instead of the configured secret. */
  secret?: string | undefined;
  fault?: SendFault | undefined;
  /** A file to upload first. */
  cv?: string | undefined;
  /** What is waited for after each event; `null` for nothing. */
  wait: Pick<WaitRequest, 'until' | 'expectations'> | null;
  /** Milliseconds for the answer, and for what is waited for. */
  timeout: number;
  live?: boolean | undefined;
}

/** All but the signals that end it. */
type Prepared = Omit<Sending, 'stop' | 'giveUp'>;

/**
 * Finds out as whom and where to events are sent, before anything is.
 *
 * @throws CliError (exit 2) where that is not known, or there is nobody to ask about what is waited for.
 */
export async function prepareSending(
  io: Io,
  output: Output,
  options: SendingOptions,
): Promise<{
  sending: Prepared;
  ats: AtsConfig;
  /** Says what is to be said before the first request. @throws CliError (exit 2) for a target that is not to get it. */
  admit(sample: boolean): Promise<void>;
}> {
  const config = await loadValidConfig(io, options);
  const rest = options.via === 'rest';
  const { ats, secret, origin } = rest
    ? { ats: selectAts(config, options.atsId), secret: '', origin: '' }
    : resolveSender(config, options, 'incoming');
  const gateway = findGateway(io, config, options.url);
  // An event that cannot be waited for should not be on its way.
  const token = options.wait === null ? null : requireToken(io, config, gateway);
  const { url, caFile, tls } = gateway;
  const { fault, timeout: timeoutMs } = options;
  const needsKey = rest || options.cv !== undefined;
  const sending: Prepared = {
    io,
    output,
    base: baseOf(url),
    webhookUrl: webhookUrl(url, ats.id),
    via: options.via,
    secret,
    apiKey: needsKey ? requireSecret(ats.apiKey) : null,
    fault,
    cv: options.cv === undefined ? null : await readCv(io, options.cv),
    timeoutMs,
    tls,
    wait:
      token === null || options.wait === null
        ? null
        : {
            ...options.wait,
            client: openClient({ url: url.origin, token, caFile, path: null }),
            timeoutMs,
            differing: outgoingDiffers(config.ats),
          },
  };
  const admit = async (sample: boolean) => {
    const guarded = { live: options.live === true, sample, fault };
    if (!rest) await guardTarget({ url: sending.webhookUrl, secret, origin, ...guarded }, output);
    if (sending.apiKey !== null) {
      const key = { secret: sending.apiKey, origin: ats.apiKey.origin };
      await guardTarget({ url: sending.base, ...key, ...guarded }, output);
    }
    if (options.secret === undefined)
      await warnOfDiffering(io, config, ats, [
        ...(rest ? [] : ['incoming_secret' as const]),
        ...(needsKey ? ['api_key' as const] : []),
      ]);
    if (sending.wait !== null) await sayWhetherItMoves(output, sending.wait.client);
  };
  return { sending, ats, admit };
}

/** A base URL gets the endpoint's path; a URL that has it is taken as it is. */
function webhookUrl(url: URL, atsId: string): URL {
  if (url.pathname.includes('/webhooks/')) return url;
  return below(url, webhookPath(atsId));
}

/** Without the path of the webhook endpoint, which REST and uploads do not share. */
function baseOf(url: URL): URL {
  const base = new URL(url);
  base.search = '';
  base.pathname = base.pathname.replace(/\/v1\/webhooks\/.*$/, '/');
  return base;
}
