/** What a target may be, as advice. */
export const TARGET_FORMS = 'give a URL (http://localhost:3000/webhooks/carvos), host:port, or a port';

/** A URL, `host:port`, or a port of this machine, each with a path or without; `null` for what is none of them. */
export function readTarget(text: string): URL | null {
  const trimmed = text.trim();
  let url: URL | null = null;
  if (/^[0-9]{1,5}(?:\/.*)?$/.test(trimmed)) url = tryUrl(`http://localhost:${trimmed}`);
  else if (/^https?:\/\//i.test(trimmed)) url = tryUrl(trimmed);
  else if (/^(?:\[[0-9a-f:.]+\]|[^/:\s]+):[0-9]{1,5}(?:\/.*)?$/i.test(trimmed))
    url = tryUrl(`http://${trimmed}`);
  if (url === null || url.hostname === '') return null;
  url.hash = '';
  return url;
}

const tryUrl = (text: string) => (URL.canParse(text) ? new URL(text) : null);
