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

/**
 * JSON on one line, without characters that a terminal would obey. A number that was kept as it was written comes out so;
 * no library is loaded for it.
 */
export function toJson(value: unknown): string {
  const mark = `number ${Math.random()} `;
  const text = JSON.stringify(value, (_key, one: unknown) =>
    isKeptNumber(one) ? `${mark}${one.value}` : one,
  );
  return escapeJson(text.replace(new RegExp(`"${mark}([^"]*)"`, 'g'), '$1'));
}

/** A `LosslessNumber`, and not what a payload calls so. */
function isKeptNumber(value: unknown): value is { value: string } {
  if (typeof value !== 'object' || value === null) return false;
  return Object.getPrototypeOf(value) !== Object.prototype && 'isLosslessNumber' in value;
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
