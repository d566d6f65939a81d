import type { IncomingMessage } from 'node:http';
import { maskKeys } from '../../contract/mask-url.ts';
import { API_KEY_HEADER } from '../../contract/rest.ts';
import type { Ats, AtsRegistry } from '../ats/registry.ts';

/** What a request nearly did right, in words for the developer. Each names only what is there to see. */

/** Why no ATS was found by its key. */
export function describeMissingKey(request: IncomingMessage, registry: AtsRegistry): string {
  const key = text(request.headers[API_KEY_HEADER.toLowerCase()]);
  if (key !== null) return describeWrongKey(key, registry);
  const bearer = text(request.headers.authorization);
  if (bearer !== null) {
    const [, value] = /^(?:\S+\s+)?(.*)$/s.exec(bearer)!;
    const holds = registry.findByApiKey(value!) ? ' that holds the key' : '';
    return `there is no ${API_KEY_HEADER}, but an Authorization header${holds}: the key goes into ${API_KEY_HEADER}, alone`;
  }
  // Names and values in turn; its own name is there where it is empty.
  const other = request.rawHeaders.find(
    (name, index) =>
      index % 2 === 0 &&
      /api[-_]?(?:key|token)|access[-_]?(?:key|token)|x-auth/i.test(name) &&
      name.toLowerCase() !== API_KEY_HEADER.toLowerCase(),
  );
  if (other !== undefined)
    return `there is no ${API_KEY_HEADER}, but there is ${other}: the name must be exactly ${API_KEY_HEADER}`;
  if (maskKeys(request.url ?? '') !== request.url)
    return `there is no ${API_KEY_HEADER}; a key in the query does not count`;
  return `there is no ${API_KEY_HEADER}`;
}

function describeWrongKey(key: string, registry: AtsRegistry): string {
  const owner = registry.findByApiKey(key);
  if (owner) return `the ATS ${JSON.stringify(owner.id)} is disabled`;
  const bare = key.replace(/^(?:Bearer|ApiKey|Token)\s+/i, '').replace(/^(["'])(.*)\1$/, '$2');
  if (bare !== key && registry.findByApiKey(bare))
    return `${API_KEY_HEADER} has more around the key: it must be the key alone`;
  const secretOf = registry.list().map((ats) => secretNamed(ats, key, registry));
  const found = secretOf.find((one) => one !== null);
  if (found) return `${API_KEY_HEADER} holds the ${found}: the API key is another value`;
  return `no ATS has the key in ${API_KEY_HEADER}`;
}

function secretNamed(ats: Ats, key: string, registry: AtsRegistry): string | null {
  for (const direction of ['incoming', 'outgoing'] as const)
    if (registry.validSecrets(ats, direction).includes(key)) return `${direction} secret`;
  return null;
}

function text(value: string | string[] | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
