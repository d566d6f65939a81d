import * as tls from 'node:tls';
import { readWhole } from '../files/read-whole.ts';

/** What a file of certificates has at most; those of all public authorities, with comments, take one. */
export const LARGEST_PEM_MIB = 16;

/** Where Debian, Fedora, openSUSE, OpenBSD and macOS, and Alpine keep the system's authorities in one file. */
const BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/** Node 22.15 and later. */
const getCACertificates = (tls as { getCACertificates?: (type: 'default' | 'system') => string[] })
  .getCACertificates;

/** The authorities that Node trusts by itself: Mozilla's, and those of `NODE_EXTRA_CA_CERTS`. PEM. */
export function listPublicAuthorities(): readonly string[] {
  if (getCACertificates) return getCACertificates('default');
  const extra = process.env.NODE_EXTRA_CA_CERTS;
  return extra ? [...tls.rootCertificates, ...readCertificates(extra)] : tls.rootCertificates;
}

/** The authorities in the system's store; `null` where this Node cannot read it. PEM. */
export function listSystemAuthorities(): readonly string[] | null {
  if (getCACertificates) return getCACertificates('system');
  for (const file of [process.env.SSL_CERT_FILE, ...BUNDLES]) {
    const found = file ? readCertificates(file) : [];
    if (found.length > 0) return found;
  }
  return null;
}

/** The certificates in a text, each as PEM of its own. */
export function splitPem(text: string): string[] {
  return text.match(/-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]+-----END [^-]+-----/g) ?? [];
}

/** Those in a file; none where it cannot be read. */
export function readCertificates(file: string): string[] {
  try {
    return splitPem(readWhole(file, LARGEST_PEM_MIB).toString());
  } catch {
    return [];
  }
}
