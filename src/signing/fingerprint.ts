import { hash } from 'node:crypto';

/** A secret's short fingerprint: enough to tell two apart, useless for getting it back. */
export function fingerprint(secret: string): string {
  return fingerprintOfHash(hash('sha256', secret));
}

/** The same of a secret of which only the hash is known: its SHA-256 in hex. */
export function fingerprintOfHash(hex: string): string {
  return `sha256:${hex.slice(0, 8)}`;
}
