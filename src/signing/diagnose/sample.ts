import { CHANGES, INDEX_KEYS_FIRST, isEmpty, ORDERS } from './json-changes.ts';
import { type Entries, type JsonNode, type JsonText, textNode } from './json-tree.ts';
import { NUMBERS } from './numbers.ts';
import { ESCAPES, LAYOUTS } from './recipes.ts';

/** So many items of a list stand in a sample at least, and so many characters of either end of a long text. */
const ITEMS = 16;
const ENDS = 64;
/** Of a text, as written, what some step or writer treats in its own way: figures, escapes, entities, tags, blanks, all but words. */
const SPECIAL =
  /(?<=^")[\d.+ -][^"\\]{0,40}(?="$)|\\u[\da-f]{4}(?:\\u[\da-f]{4})?|\\.|<\/?[a-z!][^>"\\]{0,40}>|<\/|&#?\w+;|[^"\\]\p{M}|(?<=^") | (?="$)| {2}|[^\w \\"]/giu;
/** Texts that nobody writes in a way of his own. */
const WORDS = /^"[a-z]\w*(?:[ .,:@-]\w+)*"$/i;

/**
 * A small tree that is like `root`, its lists thinned out: two styles that write it alike are taken to write
 * `root` alike. To write a megabyte in a hundred ways takes long, and most of them are the same.
 * @param texts thinned out as well, to their ends and to what is special in them.
 */
export function sampleOf(root: JsonNode, texts = false): JsonNode {
  if (root.kind === 'object')
    return { ...root, entries: root.entries.map(([key, value]) => [key, sampleOf(value, texts)]) };
  if (root.kind === 'string' && texts && root.raw.length > 16 * ENDS) {
    const end = (part: string) => JSON.stringify(part).slice(1, -1);
    const special = [...new Set(root.raw.match(SPECIAL))].join('');
    return written(end(root.value.slice(0, ENDS)) + special + end(root.value.slice(-ENDS)));
  }
  if (root.kind !== 'array') return root;
  const stride = Math.ceil(root.items.length / ITEMS);
  const isNew = newcomers();
  const items = root.items.filter((item, index) => isNew(item) || index % stride === 0);
  return { kind: 'array', items: items.map((item) => sampleOf(item, texts)) };
}

const written = (raw: string) => textNode(JSON.parse(`"${raw}"`), `"${raw}"`);
const EMPTY = written('');
const ZERO: JsonNode = { kind: 'number', raw: '0' };

const STEPS = [...Object.values(CHANGES), ...Object.values(ORDERS), INDEX_KEYS_FIRST];
const AS_IS = { escapes: ESCAPES.kept!, numbers: NUMBERS.kept };

/** Which of all steps and writers come to the same with a value. */
function lookOf(part: JsonNode): string {
  const all = STEPS.map((step) => LAYOUTS.compact!(step.apply(part), AS_IS));
  if (part.kind === 'string') all.push(...Object.values(ESCAPES).map((write) => write(part)));
  if (part.kind === 'number') all.push(...Object.values(NUMBERS).map((write) => write(part.raw)));
  return part.kind + all.map((one) => all.indexOf(one)).join();
}

/** Whether anything in an item looks as nothing did in those before: its values, the pieces of its texts, the keys of its objects. */
function newcomers(): (item: JsonNode) => boolean {
  const known = new Set<string>();
  const looks = new Set<string>();
  const grows = (all: Set<string>, one: string) => all.size < all.add(one).size;
  const isNewPart = (key: string, part: JsonNode) => grows(known, key) && grows(looks, lookOf(part));
  // Which digits other than 0 there are matters only to who writes 17 of them.
  const sized = (raw: string) => raw.replace(/[1-9]/g, '1');
  const isNewPiece = (piece: string) => isNewPart(`"${sized(piece)}`, written(piece));
  const isNewText = ({ raw }: JsonText) =>
    !WORDS.test(raw) && (raw.match(SPECIAL) ?? []).filter(isNewPiece).length > 0;
  const isNew = (node: JsonNode): boolean => {
    if (node.kind === 'string') return isNewText(node);
    if (node.kind === 'literal') return isNewPart(node.raw, node);
    if (node.kind === 'number') {
      const exact = NUMBERS.php17(node.raw) === node.raw;
      return isNewPart(/^[-\d.]{1,14}$/.test(node.raw) ? sized(node.raw) + exact : node.raw, node);
    }
    if (node.kind === 'array')
      return node.items.filter(isNew).length > 0 || (isEmpty(node) && isNewPart('[]', node));
    const isNewEntry = ([key, value]: Entries[number]) => {
      // What is empty may be dropped, but from objects alone.
      const isNewEmpty =
        isEmpty(value) && isNewPart(`:${value.kind}`, { kind: 'object', entries: [[EMPTY, value]] });
      return [isNewText(key), isNew(value)].includes(true) || isNewEmpty;
    };
    const keys = { ...node, entries: node.entries.map(([key]): Entries[number] => [key, ZERO]) };
    const isNewKeys = isNewPart(node.entries.map(([key]) => key.raw).join(), keys);
    return node.entries.filter(isNewEntry).length > 0 || isNewKeys;
  };
  return isNew;
}
