import type { LoggedBody } from '../../contract/control.ts';

/** A logged body for reading: JSON is indented, unless that would change something, as with integers above 2^53. */
export function readable({
  text,
  encoding,
  truncated,
}: Pick<LoggedBody, 'text' | 'encoding' | 'truncated'>): string {
  if (truncated || encoding === 'base64') return text;
  try {
    const value: unknown = JSON.parse(text);
    const bare = (one: string) => one.replace(/\s/g, '');
    return bare(JSON.stringify(value)) === bare(text) ? JSON.stringify(value, null, 2) : text;
  } catch {
    return text;
  }
}
