import { CHANGES, type ChangeName } from './json-changes.ts';
import { ORDERS, type OrderName } from './json-orders.ts';
import { type JsonNode, parseJsonTree, sampleOf } from './json-tree.ts';
import { type JsonStyle, writeJson } from './json-write.ts';
import { ESCAPES, LAYOUTS, RECIPES, type Recipe } from './recipes.ts';
import type { BodyVariant, Mistake } from './types.ts';

/** Names that are listed where several serializers write the same. */
const LISTED = 3;
/** Larger bodies are told apart by a sample, and not written in a hundred ways only to say who wrote them. */
const LARGE = 32 * 1024;
/** Fields that are left out one by one, at each of the two upper levels. */
const MOST_FIELDS = 40;

/** A body that is JSON, written again in other ways. */
export interface JsonBody {
  /** As the pipelines of the world write it, likeliest first. */
  recipes(): Iterable<BodyVariant>;
  /** Without one of its fields, or one of them alone. */
  fields(): Iterable<BodyVariant>;
  /** The recipes with other changes and orders, then every combination of the steps. */
  combinations(): Iterable<BodyVariant>;
  /**
   * The mistake with the names of all recipes that write what was hashed, and of those that write the body
   * as it is: several agree on most texts, and to name only the first would be a guess.
   */
  name(mistake: Mistake): Mistake;
}

/** `null` when the text is no JSON, or nested too deep. */
export function readJsonBody(text: string): JsonBody | null {
  // A byte order mark is no JSON, but parsers let it pass.
  const read = () => parseJsonTree(text.replace(/^\ufeff/, ''));
  const parsed = read();
  if (parsed === null || (parsed.kind !== 'object' && parsed.kind !== 'array')) return null;
  const root: JsonNode = parsed;
  const large = text.length > LARGE;
  let sample: JsonNode | undefined;
  const keyOf = (style: JsonStyle): string => {
    sample ??= large ? sampleOf(root) : root;
    return writeJson(sample, style);
  };

  function* written(recipes: Iterable<Styled>): Generator<BodyVariant> {
    const seen = new Set<string>();
    for (const { name, style } of recipes) {
      const key = large ? keyOf(style) : '';
      if (large && seen.has(key)) continue;
      seen.add(key);
      yield {
        make: () => writeJson(root, style),
        again: () => writeJson(read()!, style),
        get mistakes(): Mistake[] {
          const profile = typeof name === 'string' ? name : name();
          const what = `the same JSON written again, ${profile}`;
          return [{ code: 'body_reserialized', what, details: { profile } }];
        },
      };
    }
  }

  function* fields(): Generator<BodyVariant> {
    if (root.kind !== 'object') return;
    const own = present()[0]?.style ?? RECIPES[0]!.style;
    const one = (what: string, pick: (from: JsonNode) => JsonNode): BodyVariant => ({
      make: () => writeJson(pick(root), own),
      again: () => writeJson(pick(read()!), own),
      mistakes: [{ code: 'body_fields', what }],
    });
    for (const [key, value] of root.entries.slice(0, MOST_FIELDS)) {
      const name = JSON.stringify(key.value);
      yield one(`the JSON without its field ${name}`, (from) => without(from, [key.value]));
      if (value.kind === 'literal' || value.kind === 'number') continue;
      yield one(`the value of the field ${name} alone`, (from) => valueAt(from, key.value));
      if (value.kind === 'string') {
        const make = () => value.value;
        yield {
          make,
          again: make,
          mistakes: [{ code: 'body_fields', what: `the text in the field ${name} alone` }],
        };
      }
      if (value.kind !== 'object') continue;
      for (const [inner] of value.entries.slice(0, MOST_FIELDS)) {
        const path = [key.value, inner.value];
        yield one(`the JSON without its field ${JSON.stringify(path.join('.'))}`, (from) =>
          without(from, path),
        );
      }
    }
  }

  let found: Recipe[] | undefined;
  /** Who writes the body as it is. */
  function present(): Recipe[] {
    found ??= large ? [] : RECIPES.filter(({ style }) => writeJson(root, style) === text);
    return found;
  }

  return {
    recipes: () => written(RECIPES),
    fields,
    combinations: () => written(combine(large ? sampleOf(root) : root)),
    name(mistake) {
      const recipe = RECIPES.find(({ name }) => name === mistake.details?.profile);
      let names: Recipe[] = [];
      if (recipe !== undefined) {
        const key = keyOf(recipe.style);
        const whole = writeJson(root, recipe.style);
        names = RECIPES.filter(
          ({ style }) => keyOf(style) === key && (!large || writeJson(root, style) === whole),
        );
      }
      return {
        code: mistake.code,
        what: names.length > 0 ? `the same JSON as written by ${listed(names)}` : mistake.what,
        note: present().length > 0 ? `The body itself looks as written by ${listed(present())}.` : undefined,
        details: {
          ...mistake.details,
          also:
            names
              .filter(({ name }) => name !== recipe?.name)
              .map(({ name }) => name)
              .join('; ') || null,
          body_written_as: present()[0]?.name ?? null,
        },
      };
    },
  };
}

/** Its name is made when it is needed: of thousands, one is. */
interface Styled {
  name: string | (() => string);
  style: JsonStyle;
}

/** Recipes with one more change or order, the usual ones with two, then all styles there can be. */
function* combine(root: JsonNode): Generator<Styled> {
  const plainly: JsonStyle = { layout: LAYOUTS.compact!, escapes: null, numbers: null };
  const written = writeJson(root, plainly);
  const matters = (style: Partial<JsonStyle>) => writeJson(root, { ...plainly, ...style }) !== written;
  const changes = (Object.keys(CHANGES) as ChangeName[]).filter((name) => matters({ changes: [name] }));
  const orders = [undefined, ...(Object.keys(ORDERS) as OrderName[]).filter((order) => matters({ order }))];
  const styled = (base: string, style: JsonStyle): Styled => ({
    name() {
      const more = (style.changes ?? []).map((name) => CHANGES[name].what as string);
      return [base, ...more, ...(style.order ? [ORDERS[style.order].what] : [])].join(', ');
    },
    style,
  });
  const plain = RECIPES.filter(({ style }) => !style.notation && !style.order && !style.end);
  const add = (style: JsonStyle, ...more: ChangeName[]) => ({
    ...style,
    changes: [...more, ...(style.changes ?? [])],
  });
  for (const order of orders) {
    for (const { name, style } of plain) {
      if (order !== undefined) yield styled(`as ${name} writes it`, { ...style, order });
      for (const change of changes) yield styled(`as ${name} writes it`, { ...add(style, change), order });
    }
  }
  for (const { name, style } of plain.slice(0, 8)) {
    for (const first of changes)
      for (const second of changes)
        if (first !== second) yield styled(`as ${name} writes it`, add(style, first, second));
  }
  for (const dropped of [[], ['noNulls']] as ChangeName[][]) {
    for (const order of orders) {
      for (const numbers of [null, 'javascript', 'python', 'php', 'java', 'dotnet'] as const) {
        for (const escapes of [
          'kept',
          'none',
          'python',
          'asciiUpper',
          'php',
          'slash',
          'go',
          'gson',
          'dotnet',
          'newtonsoft',
        ]) {
          for (const [layout, marks] of Object.entries(LAYOUTS)) {
            const words = `layout ${layout}, escapes ${escapes}, numbers ${numbers ?? 'kept'}`;
            yield styled(words, {
              changes: dropped,
              order,
              layout: marks,
              escapes: ESCAPES[escapes]!,
              numbers,
            });
          }
        }
      }
    }
  }
}

function without(node: JsonNode, [key, ...rest]: string[]): JsonNode {
  if (node.kind !== 'object') return node;
  if (rest.length === 0) return { ...node, entries: node.entries.filter(([name]) => name.value !== key) };
  return {
    ...node,
    entries: node.entries.map(([name, value]) => [name, name.value === key ? without(value, rest) : value]),
  };
}

function valueAt(node: JsonNode, key: string): JsonNode {
  return (node.kind === 'object' && node.entries.findLast(([name]) => name.value === key)?.[1]) || node;
}

/** `A; B; C; or one of 9 others`: names have commas of their own. */
function listed(recipes: readonly Recipe[]): string {
  const names = recipes.slice(0, LISTED).map(({ name }) => name);
  const others = recipes.length - LISTED;
  if (others > 0) names.push(others === 1 ? 'one other' : `one of ${others} others`);
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join('; ')}; or ${names.at(-1)}`;
}
