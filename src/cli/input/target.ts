import { maskUrl } from '../../contract/mask-url.ts';
import { CliError } from '../terminal/errors.ts';

/**
 * Reads a target: a URL, `host:port`, or a port.
 *
 * @param name the flag or field, for the error.
 * @throws CliError (exit 2).
 */
export function parseTarget(text: string, name: string): URL {
  const trimmed = text.trim();
  let url: URL | null = null;
  if (/^[0-9]{1,5}(?:\/.*)?$/.test(trimmed)) url = tryUrl(`http://localhost:${trimmed}`);
  else if (/^https?:\/\//i.test(trimmed)) url = tryUrl(trimmed);
  else if (/^(?:\[[0-9a-f:.]+\]|[^/:\s]+):[0-9]{1,5}(?:\/.*)?$/i.test(trimmed))
    url = tryUrl(`http://${trimmed}`);
  if (url === null || url.hostname === '') {
    throw new CliError(`${name}: ${JSON.stringify(maskUrl(text))} is not a target`, {
      next: 'give a URL (http://localhost:3000/webhooks/carvos), host:port, or a port',
    });
  }
  if (url.username !== '' || url.password !== '') {
    throw new CliError(`${name}: a user name or password in the URL is not supported`, {
      next: 'leave it out of the URL',
    });
  }
  url.hash = '';
  return url;
}

const tryUrl = (text: string) => (URL.canParse(text) ? new URL(text) : null);
