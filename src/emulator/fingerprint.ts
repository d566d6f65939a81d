import { createHash } from 'node:crypto';

/** Enough to tell two secrets apart, too little to find one. */
export function fingerprint(secret: string | undefined): string {
  return secret === undefined ? '' : createHash('sha256').update(secret).digest('hex').slice(0, 8);
}

/** A URL for the audit: without user, password and the values of its query, which may be secrets. */
export function redactUrl(url: string | null): string | null {
  if (url === null || !URL.canParse(url)) return url;
  const parsed = new URL(url);
  if (parsed.username !== '') parsed.username = 'hidden';
  if (parsed.password !== '') parsed.password = 'hidden';
  for (const name of new Set(parsed.searchParams.keys())) parsed.searchParams.set(name, 'hidden');
  return parsed.href;
}
