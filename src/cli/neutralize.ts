/**
 * Makes control characters visible, so that a payload can neither recolour nor rewrite the terminal.
 * Line breaks and tabs stay; direction overrides, which can hide text, do not.
 */
export function neutralize(text: string): string {
  return text.replace(
    /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    escapeCharacter,
  );
}

/** Text out of a payload for the middle of a line: line breaks and tabs become spaces as well. */
export function neutralizeLine(text: string): string {
  return neutralize(text.replace(/[\r\n\t]+/g, ' '));
}

/** JSON on one line, without characters that a terminal would obey. */
export function toJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function escapeCharacter(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x100
    ? `\\x${code.toString(16).padStart(2, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`;
}
