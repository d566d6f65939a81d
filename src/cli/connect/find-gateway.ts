import { resolve } from 'node:path';
import { type EmulatorLookup, findEmulator, TOKEN_PLACE } from '../../client/emulator-file.ts';
import { maskUrl } from '../../contract/mask-url.ts';
import { readCertificates } from '../../transport/authorities.ts';
import { isLoopbackHost } from '../../transport/name-lookup.ts';
import type { ReceiverTls } from '../../transport/receiver-tls.ts';
import type { Around, AtsSettings } from '../config/ats.ts';
import { DEFAULT_PORT } from '../config/defaults.ts';
import { type Config, originOf } from '../config/load.ts';
import { parseTarget } from '../input/target.ts';
import { CliError } from '../terminal/errors.ts';
import type { Io } from '../terminal/io.ts';
import { readTarget } from '../text/target.ts';

export interface Gateway {
  url: URL;
  /** `--url`, `CARVOS_URL (environment)`, `running emulator`, `carvos.config.json` or `default`. */
  origin: string;
  /** The control API's token, where the gateway is an emulator that we know. */
  token: string | null;
  /** PEM file with what has to be trusted there, beside the public authorities. */
  caFile: string | undefined;
  tls: ReceiverTls | undefined;
}

/** Where the gateway is: flag, environment, the emulator that runs here, the configured port. */
export function findGateway(io: Io, config: Config, flag: string | undefined): Gateway {
  const running = findRunning(io, config);
  const set = flag === undefined ? config.environment.get('CARVOS_URL') : { value: flag, origin: '--url' };
  // Whose own it is, is trusted wherever he says the gateway is.
  const caFile = (running.found ? running.caFile : undefined) ?? caFileOf(io, config);
  const trust = { caFile, tls: caFile === undefined ? undefined : { ca: readCertificates(caFile) } };
  if (set !== null) {
    const url = parseTarget(set.value, flag === undefined ? 'CARVOS_URL' : '--url');
    const given = config.environment.get('CARVOS_CONTROL_TOKEN')?.value ?? null;
    const same = running.found && sameListener(parseTarget(running.url, 'CARVOS_URL'), url);
    return { url, origin: set.origin, token: same ? running.token : given, ...trust };
  }
  if (running.found)
    return { url: new URL(running.url), origin: 'running emulator', token: running.token, ...trust };
  const port = config.port === 0 ? DEFAULT_PORT : config.port;
  const url = new URL(`http://127.0.0.1:${port}`);
  return { url, origin: originOf(config, 'port'), token: null, ...trust };
}

/** The running emulator, with `.env` taken into account. */
export function findRunning(io: Around, config: AtsSettings): EmulatorLookup {
  const env: Record<string, string | undefined> = { ...io.env };
  for (const name of ['CARVOS_URL', 'CARVOS_CONTROL_TOKEN']) env[name] = config.environment.get(name)?.value;
  env.CARVOS_CA_FILE = caFileOf(io, config);
  const found = findEmulator(io.cwd, env);
  // With --config the emulator may have been started in the config file's folder.
  if (!found.found && found.reason === 'missing' && config.folder !== io.cwd)
    return findEmulator(config.folder, env);
  // What the environment names may be short, as a flag may; what is no target is told by who goes there.
  if (!found.found || found.path !== null) return found;
  return { ...found, url: readTarget(found.url)?.origin ?? found.url };
}

/** What .env names lies beside it. */
function caFileOf({ cwd }: Around, { environment, folder }: AtsSettings): string | undefined {
  const set = environment.get('CARVOS_CA_FILE');
  return set === null ? undefined : resolve(set.isOwn ? cwd : folder, set.value);
}

/**
 * The running emulator, with `.env` taken into account. CARVOS_URL without a token, which an ATS's own settings may
 * hold, does not hide the one that runs here; but another URL than that one's is refused, since some commands would
 * go there and some here.
 *
 * @throws CliError (exit 2) for a CARVOS_URL that is none, or another one's.
 */
export function lookupEmulator(io: Io, config: AtsSettings): EmulatorLookup {
  const found = findRunning(io, config);
  const url = config.environment.get('CARVOS_URL')?.value;
  if (!found.found || url === undefined) return found;
  if (sameListener(parseTarget(url, 'CARVOS_URL'), new URL(found.url))) return found;
  throw new CliError(`CARVOS_URL is ${url}, but the gateway that runs here is ${found.url}`, {
    where: found.path ?? undefined,
    next: `unset CARVOS_URL, or set CARVOS_CONTROL_TOKEN to the token of that one: ${TOKEN_PLACE}`,
  });
}

/**
 * The token of an emulator that must be there.
 *
 * @throws CliError (exit 2).
 */
export function requireToken(io: Io, config: Config, gateway: Gateway): string {
  if (gateway.token !== null) return gateway.token;
  const lookup = findRunning(io, config);
  throw new CliError('a running gateway is needed for --wait and --expect', {
    where: maskUrl(gateway.url.href),
    next: lookup.found ? `set CARVOS_CONTROL_TOKEN: ${TOKEN_PLACE}` : lookup.next,
  });
}

/** Loopback has several names. */
function sameListener(a: URL, b: URL): boolean {
  const sameHost = a.hostname === b.hostname || (isLoopbackHost(a.hostname) && isLoopbackHost(b.hostname));
  return a.protocol === b.protocol && a.port === b.port && sameHost;
}
