import { maskUrl } from '../../contract/mask-url.ts';
import { CliError } from '../terminal/errors.ts';
import { readTarget, TARGET_FORMS } from '../text/target.ts';

/**
 * Reads a target: a URL, `host:port`, or a port.
 *
 * @param name the flag or field, for the error.
 * @throws CliError (exit 2).
 */
export function parseTarget(text: string, name: string): URL {
  const url = readTarget(text);
  if (url === null) {
    throw new CliError(`${name}: ${JSON.stringify(maskUrl(text))} is not a target`, { next: TARGET_FORMS });
  }
  if (url.username !== '' || url.password !== '') {
    throw new CliError(`${name}: a user name or password in the URL is not supported`, {
      next: 'leave it out of the URL',
    });
  }
  return url;
}
