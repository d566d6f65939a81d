import { once } from './body-lists.ts';
import { CHANGES, type JsonStep, ORDERS, SHAPES } from './json-changes.ts';
import { type JsonNode, parseJsonTree } from './json-tree.ts';
import { writeJson } from './json-write.ts';
import { NUMBERS } from './numbers.ts';
import { BASES, ESCAPES, LAYOUTS, RECIPES, type Recipe } from './recipes.ts';
import { sampleOf } from './sample.ts';
import { type BodyVariant, type Mistake, type Row, variants } from './types.ts';

/** Names that are listed where several serializers write the same. */
const LISTED = 3;
/** Larger bodies are told apart by a sample, and not written in a hundred ways only to say who wrote them. */
const LARGE = 32 * 1024;
/** Fields that are left out one by one, at each of the two upper levels. */
const MOST_FIELDS = 40;
/** So many recipes are usual enough to be tried with two more changes; with one that is rare; with a step behind them. */
const USUAL_RECIPES = 8;
const LESS_USUAL_RECIPES = 20;
const USUAL_BASES = 32;

/** A body that is JSON, written again in other ways; `null` when the text is none, or nested too deep. */
export function readJsonBody(text: string) {
  // A byte order mark is no JSON, but parsers let it pass.
  const read = () => parseJsonTree(text.replace(/^\ufeff/, ''))!;
  const root = read();
  if (root?.kind !== 'object' && root?.kind !== 'array') return null;
  const large = text.length > LARGE;
  // The recipes share their steps.
  const results = new Map<JsonStep, Map<JsonNode, JsonNode>>();
  const run = (step: JsonStep, node: JsonNode) => {
    const known = results.get(step) ?? new Map<JsonNode, JsonNode>();
    const result = known.get(node) ?? step.apply(node);
    results.set(step, known.set(node, result));
    return result;
  };
  const sample = once(() => (large ? sampleOf(root) : root));
  const nodes = once(() => (large ? [sample(), root] : [root]));
  // Who writes the body as it is.
  const authors = once(() => (large ? [] : RECIPES.filter(({ style }) => writeJson(root, style) === text)));
  const style = () => (authors()[0] ?? RECIPES[0]!).style;

  function* written(recipes: Iterable<Recipe>, by?: typeof run): Generator<BodyVariant> {
    const seen = new Set<string>();
    for (const recipe of recipes) {
      const key = large ? writeJson(sample(), recipe.style, by) : '';
      if (large && seen.has(key)) continue;
      seen.add(key);
      yield {
        make: (isProof) => writeJson(isProof ? read() : root, recipe.style, by),
        // Of thousands of names, one is needed.
        get mistakes(): Mistake[] {
          const { name: profile } = recipe;
          const what = `the same JSON written again, ${profile}`;
          return [{ code: 'body_reserialized', what, details: { profile } }];
        },
      };
    }
  }

  return {
    /** As the pipelines of the world write it, likeliest first. */
    recipes: () => written(large ? RECIPES.filter(({ isRare }) => !isRare) : RECIPES, run),
    /** Those that are usual enough for another step behind them. */
    usual: () => written(BASES.slice(0, USUAL_BASES), run),
    /** Without one of its fields, or one of them alone. */
    fields: () =>
      variants(
        'body_fields',
        fieldsOf(root).map(({ what, apply }): Row => {
          return [`the JSON, ${what}`, (isProof) => writeJson(apply(isProof ? read() : root), style())];
        }),
      ),
    /** The recipes with other changes, orders and layouts; of a large body first the rare ones as they are. */
    combinations: () => written(combine(sample(), large)),
    /**
     * The mistake with the names of all recipes that write what was hashed, and of those that write the body
     * as it is: several agree on most texts, and to name only the first would be a guess.
     */
    name(mistake: Mistake): Mistake {
      const recipe = RECIPES.find(({ name }) => name === mistake.details?.profile);
      const wanted = recipe && nodes().map((node) => writeJson(node, recipe.style, run));
      const names = RECIPES.filter(({ style }) =>
        nodes().every((node, index) => wanted?.[index] === writeJson(node, style, run)),
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

/** Each of its fields left out, or alone; of a text its characters as well. */
function fieldsOf(root: JsonNode): JsonStep[] {
  if (root.kind !== 'object') return [];
  const less = (...path: string[]) => ({
    what: `without its field ${JSON.stringify(path.join('.'))}`,
    apply: (from: JsonNode) => without(from, path),
  });
  return root.entries.slice(0, MOST_FIELDS).flatMap(([{ value: key, raw }, value], index): JsonStep[] => {
    if (value.kind === 'literal' || value.kind === 'number') return [less(key)];
    const pick = (from: JsonNode) => (from as typeof root).entries[index]![1];
    const alone = [less(key), { what: `only the value of its field ${raw}`, apply: pick }];
    // What a literal is written as is its raw text.
    const text = (value: string) => () => ({ kind: 'literal', raw: value as 'null' }) as const;
    if (value.kind === 'string')
      return [...alone, { what: `only the text of its field ${raw}`, apply: text(value.value) }];
    const inner = value.kind === 'object' ? value.entries.slice(0, MOST_FIELDS) : [];
    return [...alone, ...inner.map(([below]) => less(key, below.value))];
  });
}

function without(node: JsonNode, [key, ...rest]: string[]): JsonNode {
  if (node.kind !== 'object') return node;
  const entries = node.entries.filter(([name]) => rest.length > 0 || name.value !== key);
  return {
    kind: 'object',
    entries: entries.map(([name, value]) => [name, name.value === key ? without(value, rest) : value]),
  };
}

/** Recipes with one more change, order or layout, the usual ones with two. */
function* combine(root: JsonNode, large: boolean): Generator<Recipe> {
  if (large) yield* RECIPES.filter(({ isRare }) => isRare);
  const plainly = { changes: [], write: LAYOUTS.compact!, escapes: ESCAPES.kept!, numbers: NUMBERS.kept };
  const written = writeJson(root, plainly);
  const matters = (step: JsonStep) => writeJson(root, { ...plainly, order: step }) !== written;
  const changes = Object.values<JsonStep>(CHANGES).filter(matters);
  const orders = Object.values(ORDERS).filter(matters);
  // What they write at the end comes on top.
  const isPlain = ({ style: by }: Recipe) =>
    Object.values(LAYOUTS).includes(by.write) && !by.order && !by.finish?.('');
  const bases = BASES.filter(isPlain);
  // Of those that write this body alike the first stands for the others.
  const texts = new Set<string>();
  const plain = bases.filter(({ style }) => texts.size < texts.add(writeJson(root, style)).size);
  const changed = ({ name, style }: Recipe, order: JsonStep | undefined, ...more: JsonStep[]): Recipe => ({
    get name() {
      const steps = [...this.style.changes, ...(order === undefined ? [] : [order])];
      return [`as ${name} writes it`, ...steps.map(({ what }) => what)].join(', ');
    },
    style: { ...style, changes: [...more, ...style.changes], order },
  });
  const laidOut = function* (order?: JsonStep) {
    for (const { name, style } of plain)
      for (const [layout, write] of Object.entries(LAYOUTS))
        yield changed({ name: `${name}, layout ${layout},`, style: { ...style, write } }, order);
  };
  for (const recipe of bases) for (const change of changes) yield changed(recipe, undefined, change);
  for (const recipe of plain.slice(0, LESS_USUAL_RECIPES))
    for (const step of fieldsOf(root)) yield changed(recipe, undefined, step);
  const ofRails = bases.filter(({ name }) => name.includes('Rails'));
  for (const step of SHAPES)
    for (const recipe of step.what.includes('Rails') ? ofRails : plain)
      yield changed(recipe, undefined, step);
  yield* laidOut();
  const others = RECIPES.filter((one) => isPlain(one) && !BASES.includes(one));
  for (const recipe of others) for (const change of changes) yield changed(recipe, undefined, change);
  for (const order of orders) {
    for (const recipe of plain) {
      yield changed(recipe, order);
      for (const change of changes) yield changed(recipe, order, change);
    }
    yield* laidOut(order);
  }
  for (const recipe of plain.slice(0, USUAL_RECIPES))
    for (const first of changes)
      for (const second of changes) if (first !== second) yield changed(recipe, undefined, first, second);
}

/** `A; B; C; or one of 9 others`: names have commas of their own. What one of them does with a change is no other. */
function listed(recipes: readonly Recipe[]): string {
  const changed = ({ name }: Recipe) => recipes.some((one) => name.startsWith(`${one.name}, `));
  const plain = recipes.filter((recipe) => !changed(recipe));
  const names = plain.slice(0, LISTED).map(({ name }) => name);
  const others = plain.length - LISTED;
  if (others > 0) names.push(others === 1 ? 'one other' : `one of ${others} others`);
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join('; ')}; or ${names.at(-1)}`;
}
