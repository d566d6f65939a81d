/** What a text is in, where it is not plain UTF-8: editors and shells on Windows write both. */
export type Encoding = 'UTF-8 with a byte order mark' | 'UTF-16';

/** The same text as plain UTF-8: without a byte order mark, and not in UTF-16. `was` is `null` where nothing was changed. */
export function toUtf8(bytes: Buffer): { bytes: Buffer; was: Encoding | null } {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf)
    return { bytes: bytes.subarray(3), was: 'UTF-8 with a byte order mark' };
  const order = byteOrderOf(bytes);
  if (order === null) return { bytes, was: null };
  const whole = Buffer.from(bytes.subarray(0, bytes.length - (bytes.length % 2)));
  const text = (order === 'big' ? whole.swap16() : whole).toString('utf16le').replace(/^\uFEFF/, '');
  return { bytes: Buffer.from(text), was: 'UTF-16' };
}

/** Of UTF-16, by its mark, or by the zeros that ASCII has in it; `null` for what is not UTF-16. */
export function byteOrderOf(start: Uint8Array): 'little' | 'big' | null {
  const [a, b, c, d] = start;
  if (a === 0xff && b === 0xfe) return 'little';
  if (a === 0xfe && b === 0xff) return 'big';
  if (d === undefined) return null;
  if (a !== 0 && b === 0 && c !== 0 && d === 0) return 'little';
  return a === 0 && b !== 0 && c === 0 && d !== 0 ? 'big' : null;
}

/**
 * A settings file's text.
 *
 * @throws Error when it is in another encoding: letters beyond ASCII would be others, in a secret too.
 */
export function decodeText(given: Buffer): string {
  const { bytes } = toUtf8(given);
  const text = bytes.toString('utf8');
  if (text.includes('\0')) throw new Error('it is no text: it holds zero bytes');
  if (!Buffer.from(text).equals(bytes)) throw new Error('it is neither UTF-8 nor UTF-16: save it as UTF-8');
  return text;
}
