import { genericStyles, NAMED_STYLES, type NamedStyle } from './json-styles.ts';
import { type JsonNode, parseJsonTree, traitsOf } from './json-tree.ts';
import { writeJson } from './json-write.ts';
import type { BodyVariant, Mistake } from './types.ts';

/** Names that are listed where several serializers write the same. */
const LISTED = 3;

/** A body that is JSON, written again in other ways. */
export interface JsonBody {
  /** As well-known serializers write it, likeliest first. */
  named(): Iterable<BodyVariant>;
  /** Every other combination of layout, order, escapes and numbers. */
  generic(): Iterable<BodyVariant>;
  /** Its `event_id`, if it has one. */
  eventId: string | null;
}

/** `null` when the text is no JSON, or nested too deep. */
export function readJsonBody(text: string): JsonBody | null {
  // A byte order mark is no JSON, but parsers let it pass.
  const root = parseJsonTree(text.replace(/^\ufeff/, ''));
  if (root === null || (root.kind !== 'object' && root.kind !== 'array')) return null;
  const variants = function* (styles: Iterable<NamedStyle>): Generator<BodyVariant> {
    for (const { name, style } of styles) {
      const written = writeJson(root, style);
      if (written !== text) yield { bytes: Buffer.from(written), mistakes: [reserialized(name)] };
    }
  };
  return {
    named: () => variants(NAMED_STYLES),
    generic: () => variants(genericStyles(traitsOf(root))),
    eventId: eventIdOf(root),
  };
}

function reserialized(profile: string): Mistake {
  return {
    code: 'body_reserialized',
    what: `the same JSON written by ${profile}`,
    details: { profile },
  };
}

/**
 * Names every well-known serializer that writes what was hashed, and the one that wrote the body: several
 * agree on most texts, and to name only the first would be a guess.
 *
 * @param written what was hashed, as `profile` writes it.
 */
export function nameSerializers(mistake: Mistake, text: string): Mistake {
  const root = parseJsonTree(text.replace(/^\ufeff/, ''));
  const profile = mistake.details?.profile;
  if (root === null || typeof profile !== 'string') return mistake;
  const style =
    NAMED_STYLES.find(({ name }) => name === profile)?.style ??
    [...genericStyles(traitsOf(root))].find(({ name }) => name === profile)?.style;
  const written = style === undefined ? null : writeJson(root, style);
  const hashed = written === null ? [] : writersOf(root, written);
  const present = writersOf(root, text);
  const as = hashed.length > 0 ? `as ${listed(hashed)} writes it` : `${profile}`;
  const body = present.length > 0 ? ` (the body is as ${listed(present)} writes it)` : '';
  return {
    code: mistake.code,
    what: `the same JSON written again, ${as}${body}`,
    details: {
      profile: hashed[0] ?? profile,
      also: hashed.slice(1).join('; ') || null,
      body_written_as: present[0] ?? null,
    },
  };
}

function writersOf(root: JsonNode, text: string): string[] {
  return NAMED_STYLES.filter(({ style }) => writeJson(root, style) === text).map(({ name }) => name);
}

function listed(names: readonly string[]): string {
  const more = names.length > LISTED ? ' and others' : '';
  return names.slice(0, LISTED).join(', ') + more;
}

function eventIdOf(root: JsonNode): string | null {
  if (root.kind !== 'object') return null;
  const value = root.entries.find(([key]) => key.value === 'event_id')?.[1];
  return value?.kind === 'string' ? value.value : null;
}
