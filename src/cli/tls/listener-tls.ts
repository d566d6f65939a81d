import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { domainToASCII } from 'node:url';
import { describePlanted } from '../../files/folders-upward.ts';
import { readKeyPair } from '../input/pem-files.ts';
import type { TlsFlags } from '../input/tls-flags.ts';
import { CliError } from '../terminal/errors.ts';
import { fileProblem } from '../terminal/io.ts';

/** With what a listener speaks TLS. PEM. */
export interface ListenerTls {
  cert: string;
  key: string;
  /** What a client has to trust, absolute: the local authority, or the certificate itself. */
  caFile: string;
}

/** Names of this machine, as it calls itself and as containers call it. */
const LOCAL_NAMES = ['localhost', '127.0.0.1', '::1', 'host.docker.internal'];
const ANY_ADDRESS = ['0.0.0.0', '::'];

/**
 * What `--tls` and its companions ask for; `undefined` for plain HTTP. The code that makes certificates is loaded
 * here only.
 *
 * @param place where the listener listens, and the folder that `.carvos` is in.
 * @throws CliError (exit 2) for flags that do not go together and files that cannot be used.
 */
export async function resolveListenerTls(
  flags: TlsFlags,
  place: { host: string; folder: string; cwd: string },
): Promise<ListenerTls | undefined> {
  const { tls, tlsName, tlsCert, tlsKey } = flags;
  if (tlsCert !== undefined || tlsKey !== undefined) {
    if (tlsCert === undefined || tlsKey === undefined)
      throw new CliError('--tls-cert and --tls-key go together', { next: 'give both' });
    if (tlsName !== undefined)
      throw new CliError('--tls-name is for the certificate that --tls makes', {
        next: 'leave out one of them',
      });
    const caFile = resolve(place.cwd, tlsCert);
    return { ...readKeyPair([caFile, '--tls-cert'], [resolve(place.cwd, tlsKey), '--tls-key']), caFile };
  }
  if (tls !== true) {
    if (tlsName === undefined) return undefined;
    throw new CliError('--tls-name is for --tls', { next: 'add --tls' });
  }
  const host = ANY_ADDRESS.includes(place.host) ? [] : [place.host];
  const names = [...new Set([...LOCAL_NAMES, ...host, ...(tlsName ?? []).map(readName)])];
  const planted = describePlanted(resolve(place.folder, '.carvos'));
  if (planted !== null) throw new CliError(`--tls: ${planted}`, { next: 'work in a folder of your own' });
  const { issueCertificate, TLS_FOLDER } = await import('./local-authority.ts');
  try {
    return await issueCertificate(place.folder, names);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw new CliError(`--tls: cannot keep the local authority: ${fileProblem(error)}`, {
      where: resolve(place.folder, TLS_FOLDER),
      next: 'let this user write there, or bring a certificate with --tls-cert and --tls-key',
      cause: error,
    });
  }
}

function readName(given: string): string {
  const bare = given.replace(/^\[(.*)\]$/, '$1');
  if (isIP(bare)) return bare;
  const ascii = domainToASCII(given);
  if (/^(?:\*\.)?[a-z0-9_](?:[a-z0-9_.-]{0,250}[a-z0-9_])?$/.test(ascii)) return ascii;
  throw new CliError(`--tls-name: ${JSON.stringify(given)} is neither a host name nor an IP address`, {
    next: 'write it like app.localhost or 192.168.1.7',
  });
}
