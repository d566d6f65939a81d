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

/** `null` when it is not a URL. */
export function readTarget(url: string): Target | null {
  const known = remembered.get(url);
  if (known) return known;
  if (!URL.canParse(url)) return null;
  const { origin, pathname, search, host, hostname } = new URL(url);
  const target = { origin, path: pathname + search, host, hostname };
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  remembered.set(url, target);
  return target;
}
