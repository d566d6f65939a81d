import { X509Certificate } from 'node:crypto';
import { resolve } from 'node:path';
import { listSystemAuthorities, splitPem } from '../../transport/authorities.ts';
import { findTlsProblem, type ReceiverTls } from '../../transport/receiver-tls.ts';
import { readKeyPair, readNamedFile } from '../input/pem-files.ts';
import type { ReceiverFlags } from '../input/receiver-flags.ts';
import { CliError } from '../terminal/errors.ts';
import type { AtsConfig } from './ats.ts';
import type { Config } from './load.ts';
import { requireSecret } from './secrets.ts';

/** Instead of a file: the authorities in the system's store. */
const SYSTEM = 'system';

/**
 * How the certificates of receivers are judged, by flags and config file; `undefined` for the usual rules.
 *
 * @throws CliError (exit 2) for a file that cannot be read or used.
 */
export function resolveReceiverTls(
  config: Config,
  cwd: string,
  flags: ReceiverFlags,
): ReceiverTls | undefined {
  const { receiverCa, receiverCert, receiverKey } = config;
  const at = (file: string) => resolve(config.folder, file);
  if ((receiverCert === null) !== (receiverKey === null)) {
    throw new CliError('receiverCert and receiverKey go together', {
      where: config.file?.path,
      next: 'set both, or none',
    });
  }
  const insecure = flags.insecureReceiver;
  const ca =
    flags.receiverCa !== undefined
      ? readAuthorities(flags.receiverCa, (file) => resolve(cwd, file), '--receiver-ca')
      : receiverCa !== null
        ? readAuthorities(receiverCa, at, 'receiverCa')
        : undefined;
  if (ca === undefined && receiverCert === null && !insecure) return undefined;
  if (receiverCert === null || receiverKey === null) return { ca, insecure };
  const pair = readKeyPair([at(receiverCert), 'receiverCert'], [at(receiverKey), 'receiverKey']);
  return { ca, ...pair, insecure };
}

/** Said wherever it is in force: who forgets the flag should not be lulled. */
export const INSECURE_WARNING =
  'warning: --insecure-receiver: certificates of receivers at loopback and private addresses are not checked';

/**
 * The headers that a receiver gets beside ours: only at the host of the ATS's own webhook URL.
 *
 * @throws CliError (exit 2) where a value is not set, or HTTP does not allow it.
 */
export function receiverHeadersFor(ats: AtsConfig, url: URL): Record<string, string> {
  if (ats.webhookUrl === null || new URL(ats.webhookUrl).origin !== url.origin) return {};
  return receiverHeaders(ats);
}

/** @throws CliError (exit 2) as above. */
export function receiverHeaders(ats: AtsConfig): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, secret] of Object.entries(ats.receiverHeaders)) {
    const value = requireSecret(secret);
    if (!/^[\t\x20-\x7e]*$/.test(value)) {
      throw new CliError(`the ${secret.label} holds characters that no header may have`, {
        next: 'it must be printable ASCII, in one line',
      });
    }
    headers[name] = value;
  }
  return headers;
}

/**
 * The certificates of a PEM file, or of the system's store.
 *
 * @param name the flag or field, for the error.
 * @throws CliError (exit 2).
 */
export function readAuthorities(
  given: string,
  locate: (file: string) => string,
  name: string,
): readonly string[] {
  if (given === SYSTEM) {
    const found = listSystemAuthorities();
    if (found !== null) return found;
    throw new CliError(`${name} system: this Node cannot read the system's store`, {
      next: 'use Node 22.15 or later, or name a PEM file',
    });
  }
  const file = locate(given);
  const bytes = readNamedFile(file, name);
  const certificates = splitPem(bytes.toString('latin1'));
  const problem =
    certificates.length > 0 ? findTlsProblem({ ca: certificates }) : 'it holds no certificate in PEM';
  if (problem === null) return certificates;
  const single = readDer(bytes);
  if (single !== null) return [single];
  throw new CliError(`${name}: ${problem}`, {
    where: file,
    next: 'give a file with -----BEGIN CERTIFICATE-----, or system',
  });
}

/** A certificate in DER, as Windows saves it. */
function readDer(bytes: Buffer): string | null {
  try {
    return new X509Certificate(bytes).toString();
  } catch {
    return null;
  }
}
