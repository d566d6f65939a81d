import { backslashed, unicodeEscape } from './text-escapes.ts';

/** What Python and Ruby both write as it is. */
const PLAIN = /^[\w .,:@-]*$/;

/** A Python string literal: single quotes unless only double ones are free. */
export function pythonRepr(text: string): string {
  if (PLAIN.test(text)) return `'${text}'`;
  // What Python calls not printable, as far as it is met with.
  return quoted(text, /[\\\x00-\x1f\x7f-\xa0\xad\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]/g);
}

/** A Python bytes literal, `b'…'`. */
export function pythonBytesRepr(bytes: Buffer): string {
  return `b${quoted(bytes.toString('latin1'), /[\\\x00-\x1f\x7f-\xff]/g)}`;
}

/** @param escaped what is not written as it is, beside the quote itself. */
function quoted(text: string, escaped: RegExp): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  return quote + backslashed(text, escaped).replaceAll(quote, `\\${quote}`) + quote;
}

/** The bytes that a Python bytes literal stands for; `null` where the text is none. */
export function fromPythonBytesRepr(text: string): Buffer | null {
  const inner = /^b(['"])([\s\S]*)\1\s*$/.exec(text)?.[2];
  if (inner === undefined) return null;
  const raw = inner.replace(/\\(x[0-9a-fA-F]{2}|[\s\S])/g, (_all, code: string) => {
    if (code.length === 3) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    return { n: '\n', r: '\r', t: '\t' }[code] ?? code;
  });
  return Buffer.from(raw, 'latin1');
}

/** A Ruby string of bytes as `inspect` writes it: UTF-8 that nobody told Ruby of. */
export function rubyBytes(bytes: Buffer): string {
  const written = (run: string) =>
    run < '\x80' ? rubyString(run).slice(1, -1) : `\\x${run.charCodeAt(0).toString(16).toUpperCase()}`;
  return `"${bytes.toString('latin1').replace(/[\x80-\xff]|[^\x80-\xff]+/g, written)}"`;
}

/** A Ruby string as `inspect` writes it. */
export function rubyString(value: string): string {
  if (PLAIN.test(value)) return `"${value}"`;
  const text = value
    .replace(/[\\"]|#(?=[{$@])/g, '\\$&')
    .replace(/[\x00-\x1f\x7f\x80-\x84\x86-\x9f\u2028\u2029\u200b-\u200f\ufeff]/g, (one) => {
      const letter = one === '\x1b' ? 'e' : 'abtnvfr'.charAt(one.charCodeAt(0) - 7);
      return letter === '' ? unicodeEscape(one, true) : `\\${letter}`;
    });
  return `"${text}"`;
}
