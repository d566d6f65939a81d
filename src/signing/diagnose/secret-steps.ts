import { fingerprint } from '../fingerprint.ts';
import { base64, digests, hex } from './body-as-string.ts';
import { charsets } from './body-charsets.ts';
import type { FindingCode } from './catalogue.ts';
import { ESCAPINGS } from './text-escapes.ts';
import type { Row } from './types.ts';

/** Names that the secret's variable is likely to have. */
export const VARIABLES = [
  ...['CARVOS_OUTGOING_SECRET', 'CARVOS_INCOMING_SECRET', 'CARVOS_WEBHOOK_SECRET', 'CARVOS_SECRET'],
  ...['CARV_WEBHOOK_SECRET', 'WEBHOOK_SECRET', 'SECRET', 'secret'],
];

/** What is left at an end, or was pasted with it. */
const ENDS: [text: string, name: string][] = [
  ['\n', 'a line feed'],
  ['\r\n', 'CR LF'],
  ['\r', 'a carriage return'],
  [' ', 'a space'],
  ['\t', 'a tab'],
  ['\\n', 'a literal \\n'],
  ['\\r\\n', 'a literal \\r\\n'],
  ['\n\n', 'two line feeds'],
  ['\0', 'a NUL'],
  ['\u200b', 'a zero-width space'],
  ['\u00a0', 'a no-break space'],
  ['\ufeff', 'a byte order mark (zero-width no-break space)'],
  ['\u200c', 'a zero-width non-joiner'],
  ['\u200d', 'a zero-width joiner'],
  ['\u2060', 'a word joiner'],
  ['\u200e', 'a left-to-right mark'],
  ['\u202f', 'a narrow no-break space'],
  ['\u3000', 'a wide space'],
  ['\u00ad', 'a soft hyphen'],
];
/** These mean something to .env files, shells, forms and parsers: a secret ends or begins there. */
const MARKS = ['#', '$', '=', ' ', '&', ';', ':', ',', '"', "'", '<', '|', '%', '\\', '\n'];
/** Columns and buffers hold so many characters. */
const SIZES = [72, 64, 63, 50, 48, 40, 36, 32, 30, 24, 20, 16];

/** What happens to a secret on its way through files, forms and shells, likeliest first. A name is a whole one, or the end of "the secret …". */
export function secretSteps(secret: string): Partial<Record<FindingCode, Row[]>> {
  const around = (before: string, after: string) => () => before + secret + after;
  const replaced = (pattern: RegExp | string, by: string) => () => secret.replaceAll(pattern, () => by);
  const without = (pattern: RegExp) => replaced(pattern, '');
  const bytes = Buffer.from(secret);
  /** Steps of bodies, which secrets go through as well. */
  const shared = (rows: Row[]) =>
    rows.map(([what, make]): Row => [what.replaceAll('the body', 'the secret'), make]);
  // biome-ignore format: a table, a row a line
  return {
    secret_whitespace: [
      ['without the whitespace around it', () => secret.trim()],
      ['without the whitespace at its end', () => secret.trimEnd()],
      ...ENDS.flatMap(([text, name]): Row[] => [
        [`with ${name} at its end`, around('', text)],
        [`with ${name} before it`, around(text, '')],
        [`with ${name} at either end`, around(text, text)],
      ]),
      ['without its invisible characters', without(/[\u00a0\u00ad\u200b-\u200f\u202f\u2060\u3000\ufeff]/g)],
      ['without any whitespace', without(/\s/g)],
      ['with no-break spaces for its spaces', replaced(' ', '\u00a0')],
      ['with spaces for its no-break spaces', replaced('\u00a0', ' ')],
      ['without the literal \\n at its end', without(/(\\r)?\\n$/g)],
      ['with a line feed for each literal \\n', replaced('\\n', '\n')],
    ],
    secret_quoted: [
      ['without the quotes around it', () => /^(["'`])([\s\S]*)\1$/.exec(secret.trim())?.[2] ?? null],
      ...['"', "'", '`', '\\"'].map((quote): Row => [`with ${quote} around it`, around(quote, quote)]),
      ["as Python's b'…'", around("b'", "'")],
      ['with “ ” around it', around('“', '”')],
      ['with ‘ ’ around it', around('‘', '’')],
      ['with < > around it', around('<', '>')],
      ['with " before it', around('"', '')],
      ['with " at its end', around('', '"')],
      ['without its quotes, those inside included', without(/["'`]/g)],
      ['with typographic quotes', () => secret.replaceAll("'", '’').replaceAll('"', '”')],
      ['with a dash for each --', replaced('--', '–')],
      ['with a dash for each hyphen', replaced('-', '–')],
    ],
    secret_prefix: [
      ['without whsec_', without(/^whsec_/g)],
      ['with whsec_ before it', secret.startsWith('whsec_') ? () => null : around('whsec_', '')],
      ['with v1,whsec_ before it', () => `v1,whsec_${secret.replace(/^whsec_/, '')}`],
      ['without v1,', without(/^v1,/g)],
      ['without v1,whsec_', without(/^v1,whsec_/g)],
      ['without the name and the = before it', without(/^(export\s+)?[A-Za-z_][A-Za-z0-9_]*\s*=\s*/g)],
      ['without the name and the colon before it', without(/^[A-Za-z_][A-Za-z0-9_-]*:\s*/g)],
      ...VARIABLES.flatMap((name): Row[] => [
        [`with ${name}= before it`, around(`${name}=`, '')],
        [`with ${name}="…" around it`, around(`${name}="`, '"')],
        [`with export ${name}= before it`, around(`export ${name}=`, '')],
      ]),
      ['with = before it', around('=', '')],
      ['with Bearer before it', around('Bearer ', '')],
    ],
    secret_escaped: [
      ...ESCAPINGS.map(([what, apply]): Row => [what, () => apply(secret)]),
      ['with $$ for each $, as a compose file needs it', replaced('$', '$$')],
      ['with $ for each $$, as a compose file reads it', replaced('$$', '$')],
      ['with $NAME in it replaced by nothing, as a shell does', without(/\$(?:\{[^}]*\}|[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?!-])/g)],
      ['without its $, as if a variable had that name', without(/\$/g)],
      ['with ${NAME} for the $NAME in it', () => secret.replace(/\$([A-Za-z_]\w*)/g, '${$1}')],
      ['without what stands after its first $, up to the next that is no letter', () => secret.replace(/\$\w*/, '')],
      ['with %NAME% in it replaced by nothing, as cmd.exe does', without(/%[^%\s]+%/g)],
      ['with %% for each %', replaced('%', '%%')],
      ['with % for each %%', replaced('%%', '%')],
      ['without what looks like an HTML tag', without(/<[^>]*>?/g)],
      ['without its first character', () => secret.slice(1)],
      ['without its last character', () => secret.slice(0, -1)],
    ],
    secret_case: [
      ['in lower case', () => secret.toLowerCase()],
      ['in upper case', () => secret.toUpperCase()],
      ['with its first letter in upper case', () => secret.charAt(0).toUpperCase() + secret.slice(1)],
    ],
    secret_base64: shared(base64(bytes)),
    secret_hex: shared(hex(bytes)),
    secret_hashed: [
      ...shared(digests(bytes)),
      ['replaced by its fingerprint', () => fingerprint(secret).slice(-8)],
    ],
    secret_charset: shared(charsets(bytes, secret)),
    secret_cut: [
      ...MARKS.flatMap((mark): Row[] => {
        const name = mark === '\n' ? 'line break' : mark;
        const before = (at: number) => (at > 0 ? secret.slice(0, at) : null);
        return [
          [`cut off at its first ${name}`, () => before(secret.indexOf(mark))?.trimEnd() ?? null],
          [`cut off at its last ${name}`, () => before(secret.lastIndexOf(mark))],
          [`without all to its first ${name}`, () => secret.slice(secret.indexOf(mark) + 1)],
        ];
      }),
      ['without the = at its end', without(/=+$/g)],
      ...SIZES.map((size): Row => [`cut off after ${size} characters`, () => secret.slice(0, size)]),
      ['twice', around(secret, '')],
    ],
  };
}
