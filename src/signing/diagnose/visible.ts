/** Bytes that are shown at either end. */
const SHOWN = 48;

/** Bytes as text on one line: control characters and everything beyond ASCII as escapes. */
export function visible(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    if (byte === 0x0a) text += '\\n';
    else if (byte === 0x0d) text += '\\r';
    else if (byte === 0x09) text += '\\t';
    else if (byte === 0x5c) text += '\\\\';
    else if (byte >= 0x20 && byte < 0x7f) text += String.fromCharCode(byte);
    else text += `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return text;
}

/** The first and the last bytes of `before` and the body, made visible. */
export function visibleEnds(before: string, body: Uint8Array): { first: string; last: string } {
  const start = Buffer.concat([Buffer.from(before), body.subarray(0, SHOWN)]);
  return { first: visible(start.subarray(0, SHOWN)), last: visible(body.subarray(-SHOWN)) };
}

/** Text on one line, with control characters as escapes; characters beyond ASCII stay. */
export function visibleText(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x100
      ? `\\x${code.toString(16).padStart(2, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}
