import { type BodyVariant, variant } from './types.ts';

/** The body decoded or written with another character set. `text` is `null` where it is no UTF-8. */
export function* charsets(body: Buffer, text: string | null): Generator<BodyVariant> {
  const charset = (bytes: Buffer, what: string) => variant(bytes, 'body_charset', what);
  if (text === null) {
    // What a decoder that forgives puts in for bytes that are no UTF-8.
    yield charset(Buffer.from(body.toString('utf8')), 'the body decoded as UTF-8, with � for what is none');
    yield charset(Buffer.from(body.toString('latin1')), 'the body decoded as Latin-1 and written as UTF-8');
    yield charset(Buffer.from(windows1252(body)), 'the body decoded as Windows-1252 and written as UTF-8');
    if (body.length % 2 === 0) {
      yield charset(
        Buffer.from(body.toString('utf16le').replace(/^\ufeff/, '')),
        'the body decoded from UTF-16',
      );
      yield charset(
        Buffer.from(
          Buffer.from(body)
            .swap16()
            .toString('utf16le')
            .replace(/^\ufeff/, ''),
        ),
        'the body decoded from UTF-16 (big-endian)',
      );
    }
    return;
  }
  if (/[^\x00-\x7f]/.test(text)) {
    if (!/[^\x00-\xff]/.test(text)) yield charset(Buffer.from(text, 'latin1'), 'the body as Latin-1');
    const windows = toWindows1252(text);
    if (windows !== null) yield charset(windows, 'the body as Windows-1252');
    yield charset(
      Buffer.from(text.replace(/[^\x00-\xff]/g, '?'), 'latin1'),
      'the body as Latin-1, with ? for what it lacks',
    );
    yield charset(
      Buffer.from(text.replace(/[^\x00-\x7f]/gu, '?')),
      'the body as ASCII, with ? for everything else',
    );
    yield charset(
      Buffer.from(text.replace(/[^\x00-\x7f]/gu, '')),
      'the body as ASCII, without everything else',
    );
    yield charset(Buffer.from(body.toString('latin1')), 'the body decoded as Latin-1 and written as UTF-8');
    yield charset(Buffer.from(windows1252(body)), 'the body decoded as Windows-1252 and written as UTF-8');
    const mojibake = text.normalize('NFC') === text ? text.normalize('NFD') : text.normalize('NFC');
    yield charset(Buffer.from(mojibake), 'the body with its characters composed otherwise (NFC, NFD)');
  }
  const little = Buffer.from(text, 'utf16le');
  const big = Buffer.from(little).swap16();
  yield charset(little, 'the body as UTF-16 (little-endian)');
  yield charset(
    Buffer.concat([Buffer.from([0xff, 0xfe]), little]),
    'the body as UTF-16 with a byte order mark',
  );
  yield charset(big, 'the body as UTF-16 (big-endian)');
  yield charset(
    Buffer.concat([Buffer.from([0xfe, 0xff]), big]),
    'the body as UTF-16 (big-endian) with a byte order mark',
  );
}

/** The text of valid UTF-8; `null` for anything else. */
export function asText(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** What Windows-1252 has at 0x80 to 0x9F, where Latin-1 has control characters. */
const WINDOWS = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

function windows1252(bytes: Buffer): string {
  return bytes
    .toString('latin1')
    .replace(/[\x80-\x9f]/g, (character) => WINDOWS[character.charCodeAt(0) - 0x80]!);
}

function toWindows1252(text: string): Buffer | null {
  let known = true;
  const mapped = text.replace(/[^\x00-\x7f\xa0-\xff]/g, (character) => {
    const index = WINDOWS.indexOf(character);
    if (index < 0) known = false;
    return String.fromCharCode(0x80 + index);
  });
  return known && mapped !== text ? Buffer.from(mapped, 'latin1') : null;
}
