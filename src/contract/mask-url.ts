const HIDDEN = 'hidden';

/** What stands in a query and belongs into a header. */
const KEYS = /([?&](?:x-)?(?:(?:api|access|auth)[-_]?)?(?:key|token|secret|password|authorization)=)[^&#]*/gi;

/** The path and query of a request without the keys that its sender put there by mistake. */
export function maskKeys(path: string): string {
  return path.replace(KEYS, `$1${HIDDEN}`);
}

/** Path and query of a request to a webhook URL as `maskUrl` shows them. */
export function maskPath(path: string): string {
  if (URL.canParse(path)) return maskUrl(path);
  const query = path.search(/[?#]/);
  if (query === -1) return path;
  const base = 'http://h/';
  return path.slice(0, query) + maskUrl(base + path.slice(query)).slice(base.length);
}

/** Where a `Location` leads from a URL, as it may be shown; `null` where it leads nowhere. */
export function maskLocation(location: string | undefined, from: string): string | null {
  return location === undefined || !URL.canParse(location, from)
    ? null
    : maskUrl(new URL(location, from).href);
}

/**
 * A URL as it may be shown, which every door to a person, a log or a tool does: without user, password, the values of its query, and its fragment, any of which may be a
 * secret. What is no URL is cut where one of them could begin.
 */
export function maskUrl(url: string): string {
  if (!URL.canParse(url)) return url.replace(/[?#].*/s, `?${HIDDEN}`).replace(/[^/\s]*@/g, `${HIDDEN}@`);
  const parsed = new URL(url);
  const { username, password, search, hash } = parsed;
  if (`${username}${password}${search}${hash}` === '') return url;
  if (parsed.username !== '') parsed.username = HIDDEN;
  if (parsed.password !== '') parsed.password = HIDDEN;
  if (parsed.hash !== '') parsed.hash = HIDDEN;
  // A part of the query without `=` is a value as a whole.
  const parts = parsed.search === '' ? [] : parsed.search.slice(1).split('&');
  parsed.search = parts
    .map((part) => (part.includes('=') ? `${part.slice(0, part.indexOf('='))}=${HIDDEN}` : HIDDEN))
    .join('&');
  return parsed.href;
}
