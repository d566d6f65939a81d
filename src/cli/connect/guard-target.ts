import type { LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { maskUrl } from '../../contract/mask-url.ts';
import { fingerprint } from '../../signing/fingerprint.ts';
import { isLocalAddress } from '../../transport/local-address.ts';
import { isLoopbackName, lookUpName } from '../../transport/name-lookup.ts';
import { isDemoCredential } from '../config/defaults.ts';
import { CliError } from '../terminal/errors.ts';
import type { Output } from '../terminal/output.ts';

/** How long a name may take to resolve before it counts as somewhere else, in milliseconds. */
const LOOKUP_LIMIT_MS = 2000;

/**
 * Why a URL counts as leading elsewhere than to this machine or a private network, to be said after its host; `null` when
 * it leads there. Names are resolved; unknown ones lead elsewhere.
 *
 * @param lookUp how names are resolved; given by tests.
 */
export async function whyElsewhere(url: URL, lookUp: LookupFunction = lookUpName): Promise<string | null> {
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (isIP(host) !== 0) return isLocalAddress(host) ? null : ELSEWHERE;
  if (isLoopbackName(host) || host === 'host.docker.internal') return null;
  const stop = new AbortController();
  const addresses = await Promise.race([
    addressesOf(host, lookUp),
    setTimeout(LOOKUP_LIMIT_MS, `the name was not resolved within ${LOOKUP_LIMIT_MS / 1000} s`, {
      signal: stop.signal,
    }).catch(() => ''),
  ]);
  stop.abort();
  if (typeof addresses === 'string') return `counts as elsewhere: ${addresses}`;
  return addresses.length > 0 && addresses.every(({ address }) => isLocalAddress(address)) ? null : ELSEWHERE;
}

/** @throws CliError (exit 2) for a URL that leads elsewhere; `what` it is stands before why. */
export async function requireLocal(url: URL, next?: string, what = url.host): Promise<void> {
  const elsewhere = await whyElsewhere(url);
  if (elsewhere !== null) throw new CliError(`${what} ${elsewhere}`, { where: maskUrl(url.href), next });
}

const ELSEWHERE = 'is neither loopback nor a private address';

/** @returns what it has; or why that is not known. */
function addressesOf(name: string, lookUp: LookupFunction): Promise<LookupAddress[] | string> {
  return new Promise((resolve) => {
    lookUp(name, { all: true }, (error, addresses) =>
      resolve(error ? error.message : (addresses as LookupAddress[])),
    );
  });
}

/** A secret that the emulator holds: known by its fingerprint alone. */
export interface KnownSecret {
  fingerprint: string;
  isDemo: boolean;
}

export interface GuardedAction {
  url: URL;
  secret: string | KnownSecret;
  /** Where the secret came from. */
  origin: string;
  live: boolean;
  /** Made up by carvos, not the user's own body. */
  sample: boolean;
  /** Something in it is made not to fit on purpose. */
  tampered?: boolean;
  fault?: string;
}

/**
 * Keeps test traffic away from production: a target that is neither loopback nor private needs
 * `--live`, and even then gets no samples, no tampering and no demo credentials.
 *
 * @returns whether it is local.
 * @throws CliError (exit 2).
 */
export async function guardTarget(action: GuardedAction, output: Output): Promise<boolean> {
  const elsewhere = await whyElsewhere(action.url);
  if (elsewhere === null) return true;
  const where = maskUrl(action.url.href);
  if (!action.live) {
    throw new CliError(`${action.url.host} ${elsewhere}`, {
      where,
      next: 'if you mean to send there, add --live',
    });
  }
  const secret =
    typeof action.secret === 'string'
      ? { fingerprint: fingerprint(action.secret), isDemo: isDemoCredential(action.secret) }
      : action.secret;
  output.note(`live target: ${where}`);
  output.note(`secret: ${secret.fingerprint} (${action.origin})`);
  const refusals: [applies: boolean, what: string, next: string][] = [
    [action.sample, 'samples are not sent to a live target', 'send an event of your own, from a file'],
    [action.fault !== undefined, `--fault ${action.fault} is not for a live target`, 'leave it out'],
    [
      action.tampered === true,
      'a changed body with the old signature is not for a live target',
      'leave out --original, or --edit and --set',
    ],
    [
      secret.isDemo,
      'the demo secret is public, so it is not used for a live target',
      'set your own in .env or in the environment; carvos init makes fresh ones',
    ],
  ];
  for (const [applies, what, next] of refusals) if (applies) throw new CliError(what, { where, next });
  return false;
}
