import { CHANGES, type ChangeName } from './json-changes.ts';
import { ORDERS, type OrderName } from './json-orders.ts';
import { type JsonNode, parseJsonTree, sampleOf } from './json-tree.ts';
import { type JsonStyle, writeJson } from './json-write.ts';
import { once } from './lazy.ts';
import type { NumberName } from './numbers.ts';
import { ESCAPES, LAYOUTS, RECIPES, type Recipe } from './recipes.ts';
import { type BodyVariant, type Mistake, type Row, variants } from './types.ts';

/** Names that are listed where several serializers write the same. */
const LISTED = 3;
/** Larger bodies are told apart by a sample, and not written in a hundred ways only to say who wrote them. */
const LARGE = 32 * 1024;
/** Fields that are left out one by one, at each of the two upper levels. */
const MOST_FIELDS = 40;
/** So many recipes are usual enough to be tried with two more changes. */
const USUAL_RECIPES = 8;

/** A body that is JSON, written again in other ways. */
interface JsonBody {
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
  const sample = once(() => (large ? sampleOf(root) : root));
  // Who writes the body as it is.
  const authors = once(() => (large ? [] : RECIPES).filter(({ style }) => writeJson(root, style) === text));

  function* written(recipes: Iterable<Recipe>): Generator<BodyVariant> {
    const seen = new Set<string>();
    for (const recipe of recipes) {
      const key = large ? writeJson(sample(), recipe.style) : '';
      if (large && seen.has(key)) continue;
      seen.add(key);
      yield {
        make: (isProof) => writeJson(isProof ? read()! : root, recipe.style),
        // Of thousands of names, one is needed.
        get mistakes(): Mistake[] {
          const { name } = recipe;
          const what = `the same JSON written again, ${name}`;
          return [{ code: 'body_reserialized', what, details: { profile: name } }];
        },
      };
    }
  }

  return {
    recipes: () => written(RECIPES),
    fields: () => variants('body_fields', fields(root, read, (authors()[0] ?? RECIPES[0]!).style)),
    combinations: () => written(combine(sample())),
    name(mistake) {
      const recipe = RECIPES.find(({ name }) => name === mistake.details?.profile);
      const nodes = large ? [sample(), root] : [root];
      const wanted = nodes.map((node) => recipe && writeJson(node, recipe.style));
      const names = RECIPES.filter(({ style }) =>
        nodes.every((node, index) => recipe && writeJson(node, style) === wanted[index]),
      );
      const also = names.flatMap(({ name }) => (name === recipe?.name ? [] : [name]));
      return {
        code: mistake.code,
        what: names.length > 0 ? `the same JSON as written by ${listed(names)}` : mistake.what,
        note: authors().length > 0 ? `The body itself looks as written by ${listed(authors())}.` : undefined,
        details: {
          ...mistake.details,
          also: also.join('; ') || null,
          body_written_as: authors()[0]?.name ?? null,
        },
      };
    },
  };
}

function fields(root: JsonNode, read: () => JsonNode | null, style: JsonStyle): Row[] {
  if (root.kind !== 'object') return [];
  const one = (what: string, pick: (from: JsonNode) => JsonNode): Row => [
    what,
    (isProof) => writeJson(pick(isProof ? read()! : root), style),
  ];
  return root.entries.slice(0, MOST_FIELDS).flatMap(([{ value: key }, value]) => {
    const name = JSON.stringify(key);
    const rows = [one(`the JSON without its field ${name}`, (from) => without(from, [key]))];
    if (value.kind === 'literal' || value.kind === 'number') return rows;
    rows.push(one(`the value of the field ${name} alone`, (from) => valueAt(from, key)));
    if (value.kind === 'string') rows.push([`the text in the field ${name} alone`, () => value.value]);
    if (value.kind !== 'object') return rows;
    const inner = value.entries.slice(0, MOST_FIELDS).map(([{ value: below }]) => {
      const path = JSON.stringify(`${key}.${below}`);
      return one(`the JSON without its field ${path}`, (from) => without(from, [key, below]));
    });
    return [...rows, ...inner];
  });
}

/** Recipes with one more change or order, the usual ones with two, then all styles there can be. */
function* combine(root: JsonNode): Generator<Recipe> {
  const plainly: JsonStyle = { changes: [], layout: LAYOUTS.compact!, escapes: null, numbers: null };
  const written = writeJson(root, plainly);
  const matters = (style: Partial<JsonStyle>) => writeJson(root, { ...plainly, ...style }) !== written;
  const changes = (Object.keys(CHANGES) as ChangeName[]).filter((name) => matters({ changes: [name] }));
  const orders = [undefined, ...(Object.keys(ORDERS) as OrderName[]).filter((order) => matters({ order }))];
  const plain = RECIPES.filter(({ style }) => !style.notation && !style.order && !style.end);
  const changed = ({ name, style }: Recipe, order: OrderName | undefined, ...more: ChangeName[]): Recipe => {
    const all = [...more, ...style.changes];
    return {
      get name() {
        const words = [...all.map((one) => CHANGES[one].what), ...(order ? [ORDERS[order].what] : [])];
        return [`as ${name} writes it`, ...words].join(', ');
      },
      style: { ...style, changes: all, order },
    };
  };
  for (const order of orders) {
    for (const recipe of plain) {
      if (order !== undefined) yield changed(recipe, order);
      for (const change of changes) yield changed(recipe, order, change);
    }
  }
  for (const recipe of plain.slice(0, USUAL_RECIPES))
    for (const first of changes)
      for (const second of changes) if (first !== second) yield changed(recipe, undefined, first, second);
  const numberNames: (NumberName | null)[] = [null, 'javascript', 'python', 'php', 'java', 'dotnet'];
  const escapeNames = 'kept none python asciiUpper php slash go gson dotnet newtonsoft'.split(' ');
  for (const dropped of [[], ['noNulls']] as ChangeName[][])
    for (const order of orders)
      for (const numbers of numberNames)
        for (const escapes of escapeNames)
          for (const [layout, marks] of Object.entries(LAYOUTS)) {
            const name = `layout ${layout}, escapes ${escapes}, numbers ${numbers ?? 'kept'}`;
            const style = { changes: dropped, layout: marks, escapes: ESCAPES[escapes]!, numbers };
            yield changed({ name, style }, order);
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
