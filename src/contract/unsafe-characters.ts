/**
 * What a terminal obeys or does not show: control characters (C0 but for tab and line feed, C1), marks and overrides of
 * direction, separators of lines, characters without width, tags, halves of surrogate pairs.
 */
export const UNSAFE =
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}\p{Cs}]/gu;

/** The same JSON without such characters: `curl` writes an answer to a terminal as it comes. */
export function escapeJson(json: string): string {
  return json.replace(UNSAFE, (character) =>
    Array.from(
      { length: character.length },
      (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}
