import { createHash } from 'node:crypto';

/** A secret's short fingerprint: enough to tell two apart, useless for getting it back. */
export function fingerprint(secret: string): string {
  return `sha256:${createHash('sha256').update(secret).digest('hex').slice(0, 8)}`;
}
