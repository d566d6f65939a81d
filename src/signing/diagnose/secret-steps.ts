import type { FindingCode } from './catalogue.ts';
import { BACKSLASHES, ENTITIES, PERCENT } from './text-escapes.ts';

/** What happens to a secret on its way through files, forms and shells; `null` where it cannot. */
export interface SecretStep {
  code: FindingCode;
  /** As the end of "the secret …". */
  what: string;
  apply(secret: string): string | null;
}

const step = (code: FindingCode, what: string, apply: SecretStep['apply']): SecretStep => ({
  code,
  what,
  apply,
});
const around = (code: FindingCode, before: string, after: string, what: string) =>
  step(code, what, (secret) => before + secret + after);

const INVISIBLE: [character: string, name: string][] = [
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
  ...INVISIBLE,
];

const WHITE = step('secret_whitespace', 'without the whitespace around it', (secret) => secret.trim());

/** Cut off at one of these, which mean something where the secret was read. */
// biome-ignore format: a table, a row a line
const CUTS: [mark: string, why: string][] = [
  ['#', 'as an unquoted .env value is'],
  ['$', 'as a shell does when it expands variables'],
  ['=', 'as splitting NAME=VALUE at every = does'],
  [' ', 'as a shell does without quotes'],
  ['&', 'as a form or a shell does'],
  [';', 'as a shell does'],
  [':', 'as splitting at every colon does'],
  [',', 'as splitting a list does'],
  ['"', 'as a quoted value is'],
  ["'", 'as a quoted value is'],
  ['<', 'as an HTML filter does'],
  ['|', 'as a shell does'],
  ['%', 'as cmd.exe does'],
  ['\\', 'as a parser of escapes does'],
  ['\n', 'at the end of its first line'],
];
const NAMES = [
  'CARVOS_OUTGOING_SECRET',
  'CARVOS_INCOMING_SECRET',
  'CARVOS_WEBHOOK_SECRET',
  'WEBHOOK_SECRET',
  'SECRET',
  'secret',
];
const variable = /\$(?:\{[^}]*\}|[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?!-])/g;

/** One mistake each, likeliest first. */
// biome-ignore format: a table, a row a line
export const SECRET_STEPS: readonly SecretStep[] = [
  WHITE,
  step('secret_whitespace', 'without the whitespace at its end', (secret) => secret.trimEnd()),
  ...ENDS.flatMap(([text, name]) => [around('secret_whitespace', '', text, `with ${name} at its end`), around('secret_whitespace', text, '', `with ${name} before it`), around('secret_whitespace', text, text, `with ${name} at either end`)]),
  step('secret_whitespace', 'without its invisible characters', (secret) => secret.replace(/[\u00a0\u00ad\u200b-\u200f\u202f\u2060\u3000\ufeff]/g, '')),
  step('secret_whitespace', 'without any whitespace', (secret) => secret.replace(/\s/g, '')),
  step('secret_whitespace', 'with no-break spaces for its spaces', (secret) => secret.replaceAll(' ', '\u00a0')),
  step('secret_whitespace', 'with spaces for its no-break spaces', (secret) => secret.replaceAll('\u00a0', ' ')),
  step('secret_whitespace', 'without the literal \\n at its end', (secret) => secret.replace(/(\\r)?\\n$/, '')),
  step('secret_whitespace', 'with a line feed for each literal \\n', (secret) => secret.replaceAll('\\n', '\n')),
  step('secret_quoted', 'without the quotes around it', (secret) => /^(["'`])([\s\S]*)\1$/.exec(secret.trim())?.[2] ?? null),
  ...['"', "'", '`'].map((quote) => around('secret_quoted', quote, quote, `with ${quote} around it`)),
  around('secret_quoted', "b'", "'", "as Python's b'…'"),
  around('secret_quoted', '\\"', '\\"', 'with \\" around it'),
  around('secret_quoted', '“', '”', 'with “ ” around it'),
  around('secret_quoted', '‘', '’', 'with ‘ ’ around it'),
  around('secret_quoted', '"', '', 'with " before it'),
  around('secret_quoted', '', '"', 'with " at its end'),
  around('secret_quoted', '<', '>', 'with < > around it'),
  step('secret_quoted', 'without its quotes, those inside included', (secret) => secret.replace(/["'`]/g, '')),
  step('secret_quoted', 'with typographic quotes', (secret) => secret.replaceAll("'", '’').replaceAll('"', '”')),
  step('secret_quoted', 'with a dash for each --', (secret) => secret.replaceAll('--', '–')),
  step('secret_quoted', 'with a dash for each hyphen', (secret) => secret.replaceAll('-', '–')),
  step('secret_prefix', 'without whsec_', (secret) => (secret.startsWith('whsec_') ? secret.slice(6) : null)),
  step('secret_prefix', 'with whsec_ before it', (secret) => secret.startsWith('whsec_') ? null : `whsec_${secret}`),
  step('secret_prefix', 'with v1,whsec_ before it', (secret) => `v1,whsec_${secret.replace(/^whsec_/, '')}`),
  step('secret_prefix', 'without v1,', (secret) => secret.replace(/^v1,/, '')),
  step('secret_prefix', 'without v1,whsec_', (secret) => secret.replace(/^v1,whsec_/, '')),
  step('secret_prefix', 'without the name and the = before it', (secret) => secret.replace(/^(export\s+)?[A-Za-z_][A-Za-z0-9_]*\s*=\s*/, '')),
  step('secret_prefix', 'without the name and the colon before it', (secret) => secret.replace(/^[A-Za-z_][A-Za-z0-9_-]*:\s*/, '')),
  ...NAMES.flatMap((name) => [around('secret_prefix', `${name}=`, '', `with ${name}= before it`), around('secret_prefix', `${name}="`, '"', `with ${name}="…" around it`), around('secret_prefix', `export ${name}=`, '', `with export ${name}= before it`)]),
  around('secret_prefix', '=', '', 'with = before it'),
  around('secret_prefix', 'Bearer ', '', 'with Bearer before it'),
  ...[...ENTITIES, ...PERCENT, ...BACKSLASHES].flatMap(({ what, encode, decode }) => [step('secret_escaped', `escaped, as ${what}`, encode),...(decode ? [step('secret_escaped', `decoded, from ${what}`, decode)] : [])]),
  step('secret_escaped', 'with $$ for each $, as a compose file needs it', (secret) => secret.replaceAll('$', '$$$$')),
  step('secret_escaped', 'with $ for each $$, as a compose file reads it', (secret) => secret.replaceAll('$$', '$')),
  step('secret_escaped', 'with $NAME in it replaced by nothing, as a shell does', (secret) => secret.replace(variable, '')),
  step('secret_escaped', 'without its $, as if a variable had that name', (secret) => secret.replaceAll('$', '')),
  step('secret_escaped', 'with ${NAME} for the $NAME in it', (secret) => secret.replace(/\$([A-Za-z_]\w*)/g, '${$1}')),
  step('secret_escaped', 'without what stands after its first $, up to the next that is no letter', (secret) => secret.replace(/\$\w*/, '')),
  step('secret_escaped', 'with %NAME% in it replaced by nothing, as cmd.exe does', (secret) => secret.replace(/%[^%\s]+%/g, '')),
  step('secret_escaped', 'with %% for each %', (secret) => secret.replaceAll('%', '%%')),
  step('secret_escaped', 'with % for each %%', (secret) => secret.replaceAll('%%', '%')),
  step('secret_escaped', 'without what looks like an HTML tag', (secret) => secret.replace(/<[^>]*>?/g, '')),
  step('secret_escaped', 'without its first character', (secret) => secret.slice(1)),
  step('secret_escaped', 'without its last character', (secret) => secret.slice(0, -1)),
  step('secret_case', 'in lower case', (secret) => secret.toLowerCase()),
  step('secret_case', 'in upper case', (secret) => secret.toUpperCase()),
  step('secret_case', 'with its first letter in upper case', (secret) => secret.charAt(0).toUpperCase() + secret.slice(1)),
  ...CUTS.flatMap(([mark, why]) => [step('secret_cut', `cut off at ${mark === '\n' ? 'a line break' : mark}, ${why}`, (secret) => secret.indexOf(mark) > 0 ? secret.slice(0, secret.indexOf(mark)).trimEnd() : null), step('secret_cut', `cut off at its last ${mark === '\n' ? 'line break' : mark}`, (secret) => secret.lastIndexOf(mark) > 0 ? secret.slice(0, secret.lastIndexOf(mark)) : null), step('secret_cut', `without all to its first ${mark === '\n' ? 'line break' : mark}`, (secret) => secret.includes(mark) ? secret.slice(secret.indexOf(mark) + mark.length) : null)]),
  step('secret_cut', 'without the = at its end', (secret) => secret.replace(/=+$/, '')),
  ...[72, 64, 63, 50, 48, 40, 36, 32, 30, 24, 20, 16].map((size) => step('secret_cut', `cut off after ${size} characters`, (secret) => secret.length > size ? secret.slice(0, size) : null)),
  step('secret_cut', 'twice', (secret) => secret + secret),
];
