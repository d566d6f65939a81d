import { CHANGES, INDEX_KEYS_FIRST, isEmpty, ORDERS } from './json-changes.ts';
import { type JsonNode, parseJsonTree } from './json-tree.ts';
import { NUMBERS } from './numbers.ts';
import { ESCAPES, LAYOUTS } from './recipes.ts';

/** So many items of a list stand in a sample at least, and so many characters of either end of a long text. */
const ITEMS = 16;
const ENDS = 64;
/** Of a text, as written, what some step or writer treats in its own way: figures, escapes, entities, tags, blanks, all but words. */
const SPECIAL =
  /(?<=^")[\d.+ -][^"\\]{0,40}(?="$)|\w\\u03[0-6].|\\ud[89ab]..\\ud[c-f]..|\\u.{4}|\\.|<\/?[a-z!][^>"\\]{0,40}>|<\/|&#?\w+;|[^"\\]\p{M}|(?<=^") | (?="$)| {2}|[^\w \\"]/giu;
/** Texts that nobody writes in a way of his own. */
const WORDS = /^"[a-z]\w*(?:[ .,:@-]\w+)*"$/i;

/**
 * A small tree that is like `root`, its lists thinned out, and its long texts to their ends and what is special in them: two styles that write it alike are taken to write
 * `root` alike. To write a megabyte in a hundred ways takes long, and most of them are the same.
 */
export function sampleOf(root: JsonNode): JsonNode {
  if (root.kind === 'object')
    return { ...root, entries: root.entries.map(([key, value]) => [key, sampleOf(value)]) };
  if (root.kind === 'string' && root.raw.length > 16 * ENDS) {
    const end = (part: string) => JSON.stringify(part).slice(1, -1);
    const special = [...new Set(root.raw.match(SPECIAL))].join('');
    return parseJsonTree(`"${end(root.value.slice(0, ENDS))}${special}${end(root.value.slice(-ENDS))}"`)!;
  }
  if (root.kind !== 'array') return root;
  const stride = Math.ceil(root.items.length / ITEMS);
  const known = new Set<string>();
  const looks = new Set<string>();
  const isNew = (part: string) => grows(known, keyOf(part)) && grows(looks, lookOf(part));
  const items = root.items.filter(
    (item, index) => partsOf(item).filter(isNew).length > 0 || index % stride === 0,
  );
  return { kind: 'array', items: items.map(sampleOf) };
}

const grows = (all: Set<string>, one: string) => all.size < all.add(one).size;
const textOf = (node: JsonNode) => LAYOUTS.compact!(node, { escapes: ESCAPES.kept!, numbers: NUMBERS.kept });

/** All that somebody may write in a way of his own, as JSON: values, the pieces of texts, the keys of objects. */
function partsOf(node: JsonNode): string[] {
  if (node.kind === 'string')
    return WORDS.test(node.raw) ? [] : (node.raw.match(SPECIAL) ?? []).map((piece) => `"${piece}"`);
  if (node.kind === 'array') return node.items.length === 0 ? ['[]'] : node.items.flatMap(partsOf);
  if (node.kind !== 'object') return [node.raw];
  const inEntries = node.entries.flatMap(([key, value]) => {
    // What is empty may be dropped, but from objects alone.
    const dropped = isEmpty(value) ? [`{"":${textOf(value)}}`] : [];
    return partsOf(key).concat(partsOf(value), dropped);
  });
  return [...inEntries, `{${node.entries.map(([key]) => `${key.raw}:0`).join()}}`];
}

/** What differs in ideographs alone has one key, or in digits other than 0: they matter only to who writes 17 of them. */
function keyOf(part: string): string {
  if (!/^(?:"|[-\d.]{1,14}$)/.test(part)) return part;
  const isExact = part.startsWith('"') || NUMBERS.php17(part) === part;
  return part.replace(/(?<!\\u.{0,3})[1-9]/g, '1').replace(/[\u4e00-\u9fff]/g, '一') + isExact;
}

const STEPS = [...Object.values(CHANGES), ...Object.values(ORDERS), INDEX_KEYS_FIRST];

/** Which of all steps and writers come to the same with a part. */
function lookOf(text: string): string {
  const part = parseJsonTree(text)!;
  const all = STEPS.map((step) => textOf(step.apply(part)));
  if (part.kind === 'string') all.push(...Object.values(ESCAPES).map((write) => write(part)));
  if (part.kind === 'number') all.push(...Object.values(NUMBERS).map((write) => write(part.raw)));
  return part.kind + all.map((one) => all.indexOf(one)).join();
}
