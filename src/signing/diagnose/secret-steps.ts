import { createHash } from 'node:crypto';
import type { FindingCode } from './catalogue.ts';
import { ESCAPINGS } from './text-escapes.ts';

/** What becomes of a secret: text, or bytes that are no text of their own; itself where nothing changes. */
type Apply = (secret: string) => string | Buffer;
/** `what` is the end of "the secret …". */
type Row = [what: string, apply: Apply];

/** Names that the secret's variable is likely to have. */
export const VARIABLES = [
  'CARVOS_OUTGOING_SECRET',
  'CARVOS_INCOMING_SECRET',
  'CARVOS_WEBHOOK_SECRET',
  'CARVOS_SECRET',
  'CARV_WEBHOOK_SECRET',
  'WEBHOOK_SECRET',
  'SECRET',
  'secret',
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

const around =
  (before: string, after: string): Apply =>
  (secret) =>
    before + secret + after;
const replaced =
  (pattern: RegExp | string, by: string): Apply =>
  (secret) =>
    secret.replaceAll(pattern, () => by);
const without = (pattern: RegExp): Apply => replaced(pattern, '');

const whitespace: Row[] = [
  ['without the whitespace around it', (secret) => secret.trim()],
  ['without the whitespace at its end', (secret) => secret.trimEnd()],
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
];

const quotes: Row[] = [
  ['without the quotes around it', (secret) => /^(["'`])([\s\S]*)\1$/.exec(secret.trim())?.[2] ?? secret],
  ...['"', "'", '`', '\\"'].map((quote): Row => [`with ${quote} around it`, around(quote, quote)]),
  ["as Python's b'…'", around("b'", "'")],
  ['with “ ” around it', around('“', '”')],
  ['with ‘ ’ around it', around('‘', '’')],
  ['with < > around it', around('<', '>')],
  ['with " before it', around('"', '')],
  ['with " at its end', around('', '"')],
  ['without its quotes, those inside included', without(/["'`]/g)],
  ['with typographic quotes', (secret) => secret.replaceAll("'", '’').replaceAll('"', '”')],
  ['with a dash for each --', replaced('--', '–')],
  ['with a dash for each hyphen', replaced('-', '–')],
];

const prefixes: Row[] = [
  ['without whsec_', without(/^whsec_/g)],
  ['with whsec_ before it', (secret) => (secret.startsWith('whsec_') ? secret : `whsec_${secret}`)],
  ['with v1,whsec_ before it', (secret) => `v1,whsec_${secret.replace(/^whsec_/, '')}`],
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
];

const escapes: Row[] = [
  ...ESCAPINGS.map(([what, apply]): Row => [what, apply]),
  ['with $$ for each $, as a compose file needs it', replaced('$', '$$')],
  ['with $ for each $$, as a compose file reads it', replaced('$$', '$')],
  [
    'with $NAME in it replaced by nothing, as a shell does',
    without(/\$(?:\{[^}]*\}|[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?!-])/g),
  ],
  ['without its $, as if a variable had that name', without(/\$/g)],
  ['with ${NAME} for the $NAME in it', (secret) => secret.replace(/\$([A-Za-z_]\w*)/g, '${$1}')],
  [
    'without what stands after its first $, up to the next that is no letter',
    (secret) => secret.replace(/\$\w*/, ''),
  ],
  ['with %NAME% in it replaced by nothing, as cmd.exe does', without(/%[^%\s]+%/g)],
  ['with %% for each %', replaced('%', '%%')],
  ['with % for each %%', replaced('%%', '%')],
  ['without what looks like an HTML tag', without(/<[^>]*>?/g)],
  ['without its first character', (secret) => secret.slice(1)],
  ['without its last character', (secret) => secret.slice(0, -1)],
];

const cases: Row[] = [
  ['in lower case', (secret) => secret.toLowerCase()],
  ['in upper case', (secret) => secret.toUpperCase()],
  ['with its first letter in upper case', (secret) => secret.charAt(0).toUpperCase() + secret.slice(1)],
];

const cuts: Row[] = [
  ...MARKS.flatMap((mark): Row[] => {
    const name = mark === '\n' ? 'line break' : mark;
    const cut = (at: (secret: string) => number, take: (secret: string, at: number) => string): Apply => {
      return (secret) => (at(secret) > 0 ? take(secret, at(secret)) : secret);
    };
    const first = (secret: string) => secret.indexOf(mark);
    const last = (secret: string) => secret.lastIndexOf(mark);
    return [
      [`cut off at its first ${name}`, cut(first, (secret, at) => secret.slice(0, at).trimEnd())],
      [`cut off at its last ${name}`, cut(last, (secret, at) => secret.slice(0, at))],
      [`without all to its first ${name}`, (secret) => secret.slice(first(secret) + 1)],
    ];
  }),
  ['without the = at its end', without(/=+$/g)],
  ...SIZES.map((size): Row => [`cut off after ${size} characters`, (secret) => secret.slice(0, size)]),
  ['twice', (secret) => secret + secret],
];

/** Lenient decoders skip what is not of the alphabet. */
const base64: Row[] = [
  ['decoded from base64', (secret) => Buffer.from(secret.trim(), 'base64')],
  ['encoded as base64', (secret) => Buffer.from(secret).toString('base64')],
  ['encoded as base64url', (secret) => Buffer.from(secret).toString('base64url')],
];
const hex: Row[] = [
  [
    'decoded from hex',
    (secret) => (/^\s*([0-9a-f]{2})+\s*$/i.test(secret) ? Buffer.from(secret.trim(), 'hex') : secret),
  ],
  ['encoded as hex', (secret) => Buffer.from(secret).toString('hex')],
];
const hashes: Row[] = [
  ...['sha256', 'sha1', 'md5'].flatMap((algorithm): Row[] => {
    const digest = (secret: string) => createHash(algorithm).update(secret).digest();
    const name = algorithm.toUpperCase();
    return [
      [`hashed with ${name}, in hex`, (secret) => digest(secret).toString('hex')],
      [`hashed with ${name}, as bytes`, digest],
    ];
  }),
  ['replaced by its fingerprint', (secret) => createHash('sha256').update(secret).digest('hex').slice(0, 8)],
];
const charsets: Row[] = [
  ['as UTF-16', (secret) => Buffer.from(secret, 'utf16le')],
  ['as UTF-16 (big-endian)', (secret) => Buffer.from(secret, 'utf16le').swap16()],
  ['as Latin-1', (secret) => Buffer.from(secret, 'latin1')],
  ['decoded as Latin-1 and written as UTF-8', (secret) => Buffer.from(secret).toString('latin1')],
  ['as ASCII, with ? for everything else', replaced(/[^\x00-\x7f]/gu, '?')],
  ['in Unicode NFD', (secret) => secret.normalize('NFD')],
  ['in Unicode NFC', (secret) => secret.normalize('NFC')],
];

/** What happens to a secret on its way through files, forms and shells, likeliest first. */
export const SECRET_STEPS: Partial<Record<FindingCode, Row[]>> = {
  secret_whitespace: whitespace,
  secret_quoted: quotes,
  secret_prefix: prefixes,
  secret_escaped: escapes,
  secret_case: cases,
  secret_base64: base64,
  secret_hex: hex,
  secret_hashed: hashes,
  secret_charset: charsets,
  secret_cut: cuts,
};
