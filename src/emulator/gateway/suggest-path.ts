import { WEBHOOK_PATH } from '../../contract/paths.ts';
import { plainName } from './describe-body.ts';

/** Words of the paths that an ATS calls, by what stands for them now and then. */
const WORDS: readonly [RegExp, string][] = [
  [/^web-?hooks?$/, 'webhooks'],
  [/^(?:events?|hooks?|incoming)$/, 'webhooks'],
  [/^candidates?$/, 'candidates'],
  [/^(?:vacanc(?:y|ies|ys)|jobs?)$/, 'vacancies'],
  [/^applications?$/, 'applications'],
  [/^workspaces?$/, 'workspaces'],
  [/^(?:uploads?|files?)$/, 'uploads'],
];
/** What is put in front of a path in vain. */
const PREFIX = /^(?:api|v\d+|carvos)$/;

/**
 * The path that was probably meant: another spelling, without `/v1`, with a slash at its end. `null` where
 * it resembles none.
 *
 * @param atsIds of this gateway.
 */
function suggestPath(url: string, atsIds: readonly string[]): string | null {
  const path = url.replace(/[?#].*$/s, '');
  const parts = path.split('/').filter((part) => part !== '');
  while (parts.length > 0 && PREFIX.test(parts[0]!.toLowerCase())) parts.shift();
  const [first, ...rest] = parts;
  if (first === undefined) return null;
  const word = WORDS.find(([spelling]) => spelling.test(first.toLowerCase()))?.[1];
  const suggested =
    word === 'webhooks'
      ? `${WEBHOOK_PATH}${nearestId(rest[0], atsIds)}`
      : word === 'uploads'
        ? '/uploads'
        : word === undefined
          ? null
          : `/v1/${[word, ...rest.map((part) => (/^members?$/i.test(part) ? 'members' : part))].join('/')}`;
  return suggested === path ? null : suggested;
}

/** The id that was given, where this gateway knows it or one like it; else what stands for one. */
function nearestId(given: string | undefined, atsIds: readonly string[]): string {
  if (given !== undefined) return atsIds.find((id) => plainName(id) === plainName(given)) ?? given;
  return atsIds.length === 1 ? atsIds[0]! : '{ats_id}';
}

/** What a request to a path that is none was after, in a sentence. */
export function describeUnknownPath(method: string, url: string, atsIds: readonly string[]): string {
  const path = url.replace(/[?#].*$/s, '');
  const meant = suggestPath(url, atsIds);
  if (meant === null) {
    return path === '/'
      ? `nothing is at /: incoming events go to POST ${WEBHOOK_PATH}{ats_id}; /openapi.json lists every call`
      : `there is no ${method} ${path}; /openapi.json lists every call`;
  }
  const slash = path.endsWith('/') ? ', without a slash at the end' : '';
  return meant.startsWith(WEBHOOK_PATH)
    ? `incoming events go to ${meant}${slash}`
    : `did you mean ${meant}${slash}?`;
}
