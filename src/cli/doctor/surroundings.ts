import { createControlClient } from '../../client/control-client.ts';
import { getHead } from '../../client/post-bytes.ts';
import { maskUrl } from '../../contract/mask-url.ts';
import { readProxyRules } from '../../transport/proxy.ts';
import type { Config } from '../config/load.ts';
import { resolveReceiverTls } from '../config/receiver-tls.ts';
import { findRunning } from '../connect/find-gateway.ts';
import type { Io } from '../terminal/io.ts';
import { type Finding, ok, skipped, wrong } from './finding.ts';

/** Most receivers take what is five minutes old, some less. `Date` is in whole seconds. */
const MOST_SKEW_SECONDS = 60;
const ANSWER_LIMIT_MS = 2000;
const LOOPBACK = ['localhost', '127.0.0.1'];

/**
 * carvos sends nothing through a proxy unless told to; your own programs may send what is for the gateway to it.
 *
 * @param url of the gateway that is named here, if any: `dev` speaks http:// unless it is told otherwise.
 */
export function checkProxy(io: Io, url = ''): Finding {
  const rules = readProxyRules(io.env);
  if (rules === null) return ok('proxy', 'no variable names one');
  const scheme = /^https:/i.test(url) ? 'https' : 'http';
  const obeyed = rules[scheme];
  if (obeyed === null) {
    const { variable } = (rules.http ?? rules.https)!;
    return ok('proxy', `${variable}, not for ${scheme}://, which the gateway speaks`);
  }
  const { variable } = obeyed;
  const missing = LOOPBACK.filter((name) => !rules.except.includes(name) && !rules.except.includes('*'));
  if (missing.length === 0) return ok('proxy', `${variable}, not for loopback`);
  const except = [...rules.except, ...missing].join(',');
  const what = `${variable}: programs that obey it send what is for ${missing.join(' and ')} to the proxy`;
  return wrong('proxy', what, `export NO_PROXY=${except} no_proxy=${except}`);
}

/** Asks each receiver for its time: a signature with another one's time is refused. */
export async function checkClocks(io: Io, config: Config): Promise<Finding[]> {
  const served = await servedUrls(io, config);
  const all = config.ats.map(({ id, webhookUrl }) => served.get(id) ?? webhookUrl);
  const urls = [...new Set(all.filter((url) => url !== null))];
  if (urls.length === 0)
    return [skipped('clock', 'no webhook URL is configured: there is no receiver to ask')];
  const tls = resolveReceiverTls(config, io.cwd, {});
  return Promise.all(urls.map((url) => checkClock(new URL(url), tls)));
}

/** The webhook URLs of the gateway that runs here, by ATS: a flag of `dev` may have given it what no file has. */
async function servedUrls(io: Io, config: Config): Promise<Map<string, string | null>> {
  const running = findRunning(io, config);
  if (!running.found) return new Map();
  try {
    const client = createControlClient({ ...running, signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
    const { ats } = await client.status();
    return new Map(ats.map((one) => [one.id, one.webhook_url]));
  } catch {
    // Said by the check of the gateway.
    return new Map();
  }
}

async function checkClock(url: URL, tls: ReturnType<typeof resolveReceiverTls>): Promise<Finding> {
  const shown = maskUrl(url.href);
  const askedAt = Date.now();
  const result = await getHead({ url, tls, timeoutMs: ANSWER_LIMIT_MS });
  const middle = (askedAt + Date.now()) / 2;
  if (!result.ok) return skipped('clock', `${shown} could not be asked: ${result.message}`);
  const theirs = Date.parse(String(result.headers.date));
  if (Number.isNaN(theirs)) return skipped('clock', `${shown} does not say its time`);
  const seconds = Math.round((theirs - middle) / 1000);
  if (Math.abs(seconds) <= MOST_SKEW_SECONDS) return ok('clock', `that of ${shown} agrees`);
  const what = `that of ${shown} is ${Math.abs(seconds)} s ${seconds > 0 ? 'ahead of' : 'behind'} this machine's`;
  return wrong(
    'clock',
    what,
    'set both by a time server, such as with timedatectl set-ntp true; then restart a container or virtual machine that slept',
  );
}
