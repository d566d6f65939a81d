/** Where an attempt goes, taken apart. */
export interface Target {
  origin: string;
  /** Path and query. */
  path: string;
  /** Host and port, as the `Host` header has them. */
  host: string;
  /** The host alone, as it is looked up. */
  hostname: string;
}

/** An emulator delivers to a few URLs, again and again: each is parsed once. Bounded, because replays name any. */
const MAX_REMEMBERED = 1000;
const remembered = new Map<string, Target>();

/** `null` when it is no URL of the web: `localhost:3000` has the scheme `localhost:`. */
export function readTarget(url: string): Target | null {
  const known = remembered.get(url);
  if (known) return known;
  if (!URL.canParse(url)) return null;
  const { protocol, origin, pathname, search, host, hostname } = new URL(url);
  if (protocol !== 'http:' && protocol !== 'https:') return null;
  const target = { origin, path: pathname + search, host, hostname };
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  remembered.set(url, target);
  return target;
}
