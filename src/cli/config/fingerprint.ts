import { hash } from 'node:crypto';

/** A secret's short fingerprint: enough to tell two apart, useless for getting it back. */
export function fingerprint(secret: string): string {
  return `sha256:${hash('sha256', secret).slice(0, 8)}`;
}
