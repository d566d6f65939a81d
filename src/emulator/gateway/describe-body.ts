import type { Problem } from '../../contract/problems.ts';
import { endsInside } from '../../transport/explain-mismatch.ts';

/** What a body is that is no event, by what is seen in it; `null` where it shows nothing. */
export function describeForm(body: Uint8Array, contentType: string | undefined): string | null {
  const start = Buffer.from(body.subarray(0, 4096)).toString('latin1');
  const type = contentType ?? '';
  if (body[0] === 0x1f && body[1] === 0x8b) return 'it is compressed (gzip)';
  if (/^(?:\xff\xfe|\xfe\xff)/.test(start)) return 'it is UTF-16: send UTF-8';
  if (/^--\S+\r\n(?:Content-|content-)/.test(start)) return 'it is multipart/form-data: send JSON';
  if (/^\s*</.test(start)) return 'it is XML or HTML: send JSON';
  if (/^[\w.%+[\]-]+=/.test(start) && !/^[[{"]/.test(start)) {
    const said = /x-www-form-urlencoded/i.test(type)
      ? ''
      : `, although Content-Type says ${type || 'nothing'}`;
    return `it is form-encoded (name=value&…)${said}: send JSON`;
  }
  if (/^\s*\{\s*'/.test(start))
    return 'it has single quotes, as Python prints a dict: write it with json.dumps';
  if (/^\s*[{[]/.test(start) && endsInside(body))
    return 'it ends in the middle of its JSON: it may be cut off';
  return null;
}

/** Fields that are missing where they belong, and stand somewhere else; a sentence, or `null`. */
export function describeMisplaced(value: unknown, problems: readonly Problem[]): string | null {
  if (Array.isArray(value) && typeof value[0] === 'object')
    return 'the body is a list: send one event in each request';
  if (typeof value === 'string') return 'the body is JSON written twice: a string that holds JSON';
  if (typeof value !== 'object' || value === null) return null;
  const fields = value as Record<string, unknown>;
  const missing = problems
    .filter(({ type, loc }) => type === 'missing' && loc.length === 2)
    .map(({ loc }) => String(loc[1]));
  if (missing.length === 0) return null;
  const renamed = missing.flatMap((name) => {
    const found = Object.keys(fields).find((key) => key !== name && plainName(key) === plainName(name));
    return found === undefined ? [] : [`${found} must be written ${name}`];
  });
  if (renamed.length > 0) return renamed.slice(0, 3).join(', ');
  for (const [key, inner] of Object.entries(fields)) {
    if (typeof inner !== 'object' || inner === null) continue;
    const there = Object.keys(inner).map(plainName);
    const found = missing.filter((name) => there.includes(plainName(name)));
    if (found.length === 0) continue;
    return `${found.slice(0, 3).join(', ')} ${found.length === 1 ? 'stands' : 'stand'} under ${key}: the body is flat, with every field at its top`;
  }
  return null;
}

/** A name without what is spelled in several ways. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}
