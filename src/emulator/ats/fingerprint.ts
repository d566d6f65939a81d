import { createHash } from 'node:crypto';

/** Enough to tell two secrets apart, too little to find one. */
export function fingerprint(secret: string | undefined): string {
  return secret === undefined ? '' : createHash('sha256').update(secret).digest('hex').slice(0, 8);
}
