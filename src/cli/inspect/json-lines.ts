import { isLosslessNumber } from '../../contract/json.ts';
import { toJson } from '../terminal/neutralize.ts';
import { wrap } from '../terminal/width.ts';
import type { Style } from './style.ts';

export interface Line {
  text: string;
  /** Path of the container that Enter opens or closes here. */
  fold?: string;
}

/** Containers this deep start closed, when they hold more than a few values. */
const FOLD_FROM_DEPTH = 2;
const FOLD_FROM_SIZE = 4;
/** Strings longer than this are wrapped over several lines only up to here. */
const LONGEST_TEXT = 4000;

/**
 * JSON as lines, coloured and foldable. `toggled` has the paths whose folding is not the default one.
 * Values are those of `parseJson`, so that long numbers come out as they went in.
 */
export function jsonLines(value: unknown, width: number, toggled: ReadonlySet<string>, style: Style): Line[] {
  const lines: Line[] = [];
  const addScalar = (item: unknown, indent: string, key: string | null, end: string) => {
    const raw = typeof item === 'string' ? JSON.stringify(item) : String(item);
    const shown =
      raw.length > LONGEST_TEXT ? `${raw.slice(0, LONGEST_TEXT)}… (${raw.length} characters)` : raw;
    const colour =
      typeof item === 'string' ? style.green : typeof item === 'object' ? style.dim : style.yellow;
    const name = key === null ? '' : `${JSON.stringify(key)}: `;
    // Wrapped with the key in place, then coloured apart.
    wrap(`${name}${shown}${end}`, width - indent.length - 4).forEach((part, index) => {
      const split = index === 0 && part.startsWith(name) ? name.length : 0;
      const before = split > 0 ? `${style.cyan(name.slice(0, -2))}: ` : '';
      lines.push({ text: `${indent}${index === 0 ? '  ' : '    '}${before}${colour(part.slice(split))}` });
    });
  };
  const visit = (item: unknown, path: string, depth: number, key: string | null, comma: boolean) => {
    const indent = '  '.repeat(depth);
    const label = key === null ? '' : `${style.cyan(toJson(key))}: `;
    const end = comma ? ',' : '';
    const entries = entriesOf(item);
    if (entries === null) return addScalar(item, indent, key, end);
    const [open, close] = Array.isArray(item) ? ['[', ']'] : ['{', '}'];
    if (entries.length === 0) {
      lines.push({ text: `${indent}  ${label}${open}${close}${end}` });
      return;
    }
    const closedByDefault = depth >= FOLD_FROM_DEPTH && entries.length > FOLD_FROM_SIZE;
    if (closedByDefault !== toggled.has(path)) {
      const count = `${entries.length} ${Array.isArray(item) ? 'items' : 'fields'}`;
      lines.push({ text: `${indent}▸ ${label}${open} ${style.dim(count)} ${close}${end}`, fold: path });
      return;
    }
    lines.push({ text: `${indent}▾ ${label}${open}`, fold: path });
    entries.forEach(([name, child], index) => {
      const childKey = Array.isArray(item) ? null : name;
      visit(child, `${path}/${name.replaceAll('/', '~1')}`, depth + 1, childKey, index < entries.length - 1);
    });
    lines.push({ text: `${indent}  ${close}${end}` });
  };
  visit(value, '', 0, null, false);
  return lines;
}

/** Children of a container; `null` for a value. A number that JavaScript would change is an object with a text. */
function entriesOf(item: unknown): [string, unknown][] | null {
  return typeof item !== 'object' || item === null || isLosslessNumber(item) ? null : Object.entries(item);
}
