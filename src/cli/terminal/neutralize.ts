import { escapeJson, UNSAFE } from '../../contract/unsafe-characters.ts';

/**
 * Makes visible what a terminal would obey or not show, so that a payload can neither recolour nor rewrite the terminal, nor hide text.
 * Line breaks and tabs stay.
 */
export function neutralize(text: string): string {
  return text.replace(UNSAFE, escapeCharacter);
}

/** Text out of a payload for the middle of a line: line breaks and tabs become spaces as well. */
export function neutralizeLine(text: string): string {
  return neutralize(text.replace(/[\r\n\t]+/g, ' '));
}

/** JSON on one line, without characters that a terminal would obey. */
export function toJson(value: unknown): string {
  return escapeJson(JSON.stringify(value));
}

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0)!;
  return code < 0x100
    ? hex('\\x', code, 2)
    : code > 0xffff
      ? `\\u{${code.toString(16)}}`
      : hex('\\u', code, 4);
}

function hex(prefix: string, code: number, digits: number): string {
  return prefix + code.toString(16).padStart(digits, '0');
}
