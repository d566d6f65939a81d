export type JsonPath = readonly (string | number)[];

/** A path as people write it: `ats[0].webhookUrl`. */
export function formatPath(path: JsonPath): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}

/** `a.b[0].c` as its parts, or `null`. */
export function parsePath(text: string): (string | number)[] | null {
  if (!/^[^.[\]]+(?:\.[^.[\]]+|\[[0-9]+\])*$/.test(text)) return null;
  return [...text.matchAll(/[^.[\]]+/g)].map(([part], index) =>
    index > 0 && /^[0-9]{1,6}$/.test(part) ? Number(part) : part,
  );
}

/** What stands at a path of a parsed JSON value; `undefined` where nothing does. */
export function readPath(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (current, part) =>
      typeof current === 'object' && current !== null && Object.hasOwn(current, part)
        ? (current as Record<string | number, unknown>)[part]
        : undefined,
    value,
  );
}

/** Whether two parsed JSON values are the same, whatever the order of their keys. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (Object.is(a, b) || a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every(
      (key) =>
        Object.hasOwn(b, key) &&
        sameJson((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
    )
  );
}
