import { genericStyles, NAMED_STYLES, type NamedStyle } from './json-styles.ts';
import { parseJsonTree, traitsOf } from './json-tree.ts';
import { styleKey, writeJson } from './json-write.ts';
import type { BodyVariant, Mistake } from './types.ts';

/** Names that are listed where several serializers write the same. */
const LISTED = 2;

/** Larger bodies are not written in forty ways only to say who wrote them. */
const MAX_NAMED = 64 * 1024;

/** A body that is JSON, written again in other ways. */
export interface JsonBody {
  /** As well-known serializers write it, likeliest first. */
  named(): Iterable<BodyVariant>;
  /** Every other combination of layout, order, escapes and numbers. */
  generic(): Iterable<BodyVariant>;
  /**
   * The mistake with the names of all serializers that write what was hashed, and of those that write the
   * body as it is: several agree on most texts, and to name only the first would be a guess.
   */
  name(mistake: Mistake): Mistake;
}

/** `null` when the text is no JSON, or nested too deep. */
export function readJsonBody(text: string): JsonBody | null {
  // A byte order mark is no JSON, but parsers let it pass.
  const root = parseJsonTree(text.replace(/^\ufeff/, ''));
  if (root === null || (root.kind !== 'object' && root.kind !== 'array')) return null;
  const traits = traitsOf(root);
  const namedKeys = NAMED_STYLES.map(({ style }) => styleKey(style, traits));
  const variants = function* (styles: Iterable<NamedStyle>, seen: Set<string>): Generator<BodyVariant> {
    for (const { name, style } of styles) {
      const key = styleKey(style, traits);
      if (seen.has(key)) continue;
      seen.add(key);
      const written = writeJson(root, style);
      if (written === text) continue;
      const what = `the same JSON written again, ${name}`;
      yield {
        bytes: Buffer.from(written),
        mistakes: [{ code: 'body_reserialized', what, details: { profile: name } }],
      };
    }
  };
  return {
    named: () => variants(NAMED_STYLES, new Set()),
    generic: () => variants(genericStyles(traits), new Set(namedKeys)),
    name(mistake) {
      const index = NAMED_STYLES.findIndex(({ name }) => name === mistake.details?.profile);
      const names =
        index < 0 ? [] : NAMED_STYLES.filter((_style, other) => namedKeys[other] === namedKeys[index]);
      const present =
        text.length > MAX_NAMED ? [] : NAMED_STYLES.filter(({ style }) => writeJson(root, style) === text);
      const body = present.length > 0 ? ` (the body is as written by ${listed(present)})` : '';
      return {
        code: mistake.code,
        what: names.length > 0 ? `the same JSON as written by ${listed(names)}${body}` : mistake.what + body,
        details: {
          ...mistake.details,
          also:
            names
              .slice(1)
              .map(({ name }) => name)
              .join('; ') || null,
          body_written_as: present[0]?.name ?? null,
        },
      };
    },
  };
}

function listed(styles: readonly NamedStyle[]): string {
  const names = styles.slice(0, LISTED).map(({ name }) => name);
  return names.join(', or ') + (styles.length > LISTED ? ' and others' : '');
}
