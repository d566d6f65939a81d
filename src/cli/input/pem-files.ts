import { readWhole } from '../../files/read-whole.ts';
import { LARGEST_PEM_MIB, splitPem } from '../../transport/authorities.ts';
import { findTlsProblem } from '../../transport/receiver-tls.ts';
import { CliError } from '../terminal/errors.ts';
import { fileProblem } from '../terminal/io.ts';

/**
 * A file that a flag or a field of the config file names.
 *
 * @throws CliError (exit 2) where it cannot be read.
 */
export function readNamedFile(file: string, name: string): Buffer {
  try {
    return readWhole(file, LARGEST_PEM_MIB);
  } catch (error) {
    throw new CliError(`${name}: cannot read the file: ${fileProblem(error)}`, { where: file, cause: error });
  }
}

/**
 * A certificate and its private key, PEM, by file and name.
 *
 * @throws CliError (exit 2) where they cannot be used.
 */
export function readKeyPair(
  [certFile, certName]: readonly [string, string],
  [keyFile, keyName]: readonly [string, string],
): { cert: string; key: string } {
  const cert = readNamedFile(certFile, certName).toString();
  const key = readNamedFile(keyFile, keyName).toString();
  const problem = findMissing(cert, key) ?? findTlsProblem({ cert, key });
  if (problem === null) return { cert, key };
  throw new CliError(`${certName} and ${keyName} cannot be used: ${problem}`, {
    where: `${certFile}, ${keyFile}`,
    next: 'both must be PEM, fit each other, and the key must have no passphrase',
  });
}

/** OpenSSL takes nothing for no certificate, and for no key: then every connection fails. */
function findMissing(cert: string, key: string): string | null {
  if (splitPem(cert).length === 0) return 'the first holds no certificate';
  return key.includes('PRIVATE KEY-----') ? null : 'the second holds no private key';
}
