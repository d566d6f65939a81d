import { maskUrl } from '../../contract/mask-url.ts';
import type { Credential } from '../../contract/portal.ts';
import { fingerprint } from '../../signing/fingerprint.ts';
import { iso } from '../time/wall.ts';

/** @param old fingerprint of the value before. */
export function rotation(
  credential: Credential,
  old: string | null,
  value: string,
  oldValidUntil: number | null = null,
) {
  return {
    credential,
    before_fingerprint: old,
    after_fingerprint: fingerprint(value),
    old_valid_until: oldValidUntil === null ? null : iso(oldValidUntil),
  };
}

export function urlChange(before: string | null, after: string | null) {
  return { field: 'webhook_url', before: maskOptional(before), after: maskOptional(after) };
}

export function maskOptional(url: string | null): string | null {
  return url === null ? null : maskUrl(url);
}
