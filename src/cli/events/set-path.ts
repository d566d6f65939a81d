import { isLosslessNumber, parseJson } from '../../contract/json.ts';
import { parsePath } from '../../contract/json-path.ts';
import { CliError } from '../terminal/errors.ts';

export interface Assignment {
  path: (string | number)[];
  value: unknown;
}

/** `--set`, as commander takes it. */
export const SET_FLAG = [
  '--set <path=value>',
  'change a field: path=value takes JSON, path:=text takes text; repeatable',
  (text: string, before: Assignment[] | undefined) => [...(before ?? []), parseAssignment(text)],
] as const;

/**
 * Reads `path=value` (a JSON value) or `path:=text`. Paths are like `data.skills[0]` or `data.skills.0`.
 *
 * @throws CliError (exit 2) with the other form, when that was probably meant.
 */
function parseAssignment(text: string): Assignment {
  const equals = text.indexOf('=');
  if (equals < 1) {
    throw new CliError(`--set ${text}: expected path=value`, {
      next: 'write path=value with a JSON value, or path:=text for text',
    });
  }
  const isText = text[equals - 1] === ':';
  const name = text.slice(0, isText ? equals - 1 : equals);
  const raw = text.slice(equals + 1);
  const path = parsePath(name);
  if (path === null) {
    throw new CliError(`--set ${text}: ${JSON.stringify(name)} is not a path`, {
      next: 'write it like first_name, data.score or skills[0]',
    });
  }
  if (isText) return { path, value: raw };
  const parsed = parseJson(Buffer.from(raw));
  if (parsed.ok) return { path, value: parsed.value };
  throw new CliError(`--set ${text}: ${raw === '' ? 'the value is empty' : `${raw} is not a JSON value`}`, {
    next: `for text write '${name}:=${raw}', for JSON text '${name}=${JSON.stringify(raw)}'`,
  });
}

/** Changes a parsed JSON value in place; what is missing on the way is made. */
export function assign(target: Record<string, unknown>, { path, value }: Assignment): void {
  let current: Record<string | number, unknown> = target;
  path.forEach((key, index) => {
    if (Array.isArray(current) && (typeof key !== 'number' || key > current.length)) {
      throw new CliError(`--set: there is a list of ${current.length} at ${path.slice(0, index).join('.')}`, {
        next: `use an index from 0 to ${current.length}; ${current.length} adds one`,
      });
    }
    if (index === path.length - 1) {
      define(current, key, value);
      return;
    }
    const next = Object.hasOwn(current, key) ? current[key] : undefined;
    if (isContainer(next)) current = next;
    else {
      const made = typeof path[index + 1] === 'number' ? [] : {};
      define(current, key, made);
      current = made as Record<string | number, unknown>;
    }
  });
}

/** An object or a list: a number kept exactly is an object too. */
function isContainer(value: unknown): value is Record<string | number, unknown> {
  return typeof value === 'object' && value !== null && !isLosslessNumber(value);
}

/** Not by assignment, which would follow `__proto__`. */
function define(target: object, key: string | number, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}
