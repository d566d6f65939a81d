import { fingerprint } from '../fingerprint.ts';
import { base64, digests, doubleEncoded, hex, printed } from './body-as-string.ts';
import { charsets } from './body-charsets.ts';
import { bufferOf, lazy } from './body-lists.ts';
import type { FindingCode } from './catalogue.ts';
import { NUMBERS } from './numbers.ts';
import { ESCAPINGS } from './text-escapes.ts';
import type { DiagnosisSecret, KeyVariant, Mistake, Row } from './types.ts';

/** Names that the secret's variable is likely to have. */
const VARIABLES = [
  ...['CARVOS_OUTGOING_SECRET', 'CARVOS_INCOMING_SECRET', 'CARVOS_WEBHOOK_SECRET', 'CARVOS_SECRET'],
  ...['CARV_WEBHOOK_SECRET', 'WEBHOOK_SECRET', 'SECRET', 'secret', 'webhook_secret', 'webhookSecret'],
];

/** What is left at an end, or was pasted with it. */
// biome-ignore format: a table, three a line
const ENDS = {
  '\n': 'a line feed', '\r\n': 'CR LF', '\r': 'a carriage return',
  ' ': 'a space', '\t': 'a tab', '\\n': 'a literal \\n',
  '\\r\\n': 'a literal \\r\\n', '\n\n': 'two line feeds', '\0': 'a NUL',
  '\u200b': 'a zero-width space', '\u00a0': 'a no-break space', '\ufeff': 'a byte order mark (zero-width no-break space)',
  '\u200c': 'a zero-width non-joiner', '\u200d': 'a zero-width joiner', '\u2060': 'a word joiner',
  '\u200e': 'a left-to-right mark', '\u202f': 'a narrow no-break space', '\u3000': 'a wide space',
  '\u00ad': 'a soft hyphen', ',': 'a comma', ';': 'a semicolon', '.': 'a full stop',
};
/** These mean something to .env files, shells, forms and parsers: a secret ends or begins there. */
const MARKS = ['#', '$', '=', ' ', '&', ';', ':', ',', '"', "'", '<', '|', '%', '\\', '\n'];
/** So many characters may be missing at either end, and so many steps are usual enough to come with another. */
const LONGEST = 128;
const USUAL = 24;

/** What happens to a secret on its way through files, forms and shells, likeliest first. A name is a whole one, or the end of "the secret …". */
function secretSteps(secret: string): Partial<Record<FindingCode, Row[]>> {
  const around = (before: string, after: string) => () => before + secret + after;
  const replaced = (pattern: RegExp | string, by: string) => () => secret.replaceAll(pattern, () => by);
  const without = (pattern: RegExp) => replaced(pattern, '');
  const bytes = Buffer.from(secret);
  const digits = /^\d[\d_.]*(e\d+)?$/i.test(secret) ? secret.replaceAll('_', '') : '';
  /** Steps of bodies, which secrets go through as well. */
  const shared = (rows: Row[]) =>
    rows.map(([what, make]): Row => [what.replaceAll('the body', 'the secret'), make]);
  // biome-ignore format: a table, siblings on a line
  return {
    secret_whitespace: [
      ['without the whitespace around it', () => secret.trim()], ['without the whitespace at its end', () => secret.trimEnd()],
      ...Object.entries(ENDS).map(([text, name]): Row => [`with ${name} at its end`, around('', text)]),
      ...Object.entries(ENDS).flatMap(([text, name]): Row[] => [[`with ${name} before it`, around(text, '')], [`with ${name} at either end`, around(text, text)]]),
      ['without its invisible characters', without(/[\u00a0\u00ad\u200b-\u200f\u202f\u2060\u3000\ufeff]/g)], ['without any whitespace', without(/\s/g)],
      ['with no-break spaces for its spaces', replaced(' ', '\u00a0')], ['with spaces for its no-break spaces', replaced('\u00a0', ' ')],
      ['without the literal \\n at its end', without(/(\\r)?\\n$/g)], ['with a line feed for each literal \\n', replaced('\\n', '\n')],
    ],
    secret_quoted: [
      ['without the quotes around it', () => /^(["'`])([\s\S]*)\1$/.exec(secret.trim())?.[2] ?? null],
      ...['"', "'", '`', '\\"'].map((quote): Row => [`with ${quote} around it`, around(quote, quote)]),
      ...['“”', '‘’', '<>'].map(([open = '', close = '']): Row => [`with ${open} ${close} around it`, around(open, close)]),
      ['with " before it', around('"', '')], ['with " at its end', around('', '"')], ['without its quotes, those inside included', without(/["'`]/g)],
      ['with typographic quotes', () => secret.replaceAll("'", '’').replaceAll('"', '”')],
      ['with a dash for each --', replaced('--', '–')], ['with a dash for each hyphen', replaced('-', '–')], ['with a long dash for each hyphen', replaced('-', '—')],
      ...shared(doubleEncoded(secret)),
    ],
    secret_prefix: [
      ['without whsec_', without(/^whsec_/g)], ['with whsec_ before it', secret.startsWith('whsec_') ? () => null : around('whsec_', '')],
      ['with v1,whsec_ before it', () => `v1,whsec_${secret.replace(/^whsec_/, '')}`], ['without v1,', without(/^v1,/g)], ['without v1,whsec_', without(/^v1,whsec_/g)],
      ['without the name and the = before it', without(/^(export\s+)?[A-Za-z_][A-Za-z0-9_]*\s*=\s*/g)], ['without the name and the colon before it', without(/^[A-Za-z_][A-Za-z0-9_-]*:\s*/g)],
      ...VARIABLES.flatMap((name): Row[] => [
        [`with ${name}= before it`, around(`${name}=`, '')], [`with ${name}="…" around it`, around(`${name}="`, '"')],
        [`with export ${name}= before it`, around(`export ${name}=`, '')],
        ...['', ' '].map((gap): Row => [`as the JSON {"${name}":${gap}"…"}, as a secret store keeps it`, () => `{"${name}":${gap}${JSON.stringify(secret)}}`]),
      ]),
      ['with whsec_ before it, encoded as base64', () => `whsec_${bytes.toString('base64')}`], ...['Secret', 'Signing secret', 'Webhook secret'].map((name): Row => [`with ${name}: before it`, around(`${name}: `, '')]),
      ['with = before it', around('=', '')], ['with a colon before it', around(':', '')], ['with Bearer before it', around('Bearer ', '')],
    ],
    secret_escaped: [
      ...ESCAPINGS.map(([what, apply]): Row => [what, () => apply(secret)]), ...shared(printed(bytes, secret)),
      ["as Python's b'…'", around("b'", "'")], ["as Java's Optional[…]", around('Optional[', ']')], ['in brackets, as a list is printed', around('[', ']')],
      ...["['…']", '["…"]', "('…',)"].map((list): Row => [`as the list ${list}`, () => list.replace('…', () => secret)]),
      ['as a shell reads it in double quotes', () => secret.replace(/\\([$`"\\])/g, '$1')], ['without what stands in backticks', without(/`[^`]*`/g)], ['without each $ and the character behind it, as make reads it', without(/\$./g)],
      ['read as a number and written again, as YAML and spreadsheets do', () => digits && String(Number(digits))], ['read as a number and printed by Python', () => digits && NUMBERS.python(digits)], ['read as an octal number, as YAML does', () => (/^0[0-7]+$/.test(digits) ? String(Number.parseInt(digits, 8)) : null)],
      ['with $$ for each $, as a compose file needs it', replaced('$', '$$')], ['with $ for each $$, as a compose file reads it', replaced('$$', '$')],
      ['with $NAME in it replaced by nothing, as a shell does', without(/\$(?:\{[^}]*\}|[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?!-])/g)],
      ['without its $, as if a variable had that name', without(/\$/g)],
      ['with ${NAME} for the $NAME in it', () => secret.replace(/\$([A-Za-z_]\w*)/g, '${$1}')], ['without what stands after its first $, up to the next that is no letter', () => secret.replace(/\$\w*/, '')],
      ['with %NAME% in it replaced by nothing, as cmd.exe does', without(/%[^%\s]+%/g)], ['with %% for each %', replaced('%', '%%')], ['with % for each %%', replaced('%%', '%')],
      ['without what looks like an HTML tag', without(/<[^>]*>?/g)], ['without all but letters and digits', without(/[^A-Za-z0-9]/g)], ['without all but letters, digits, - and _', without(/[^\w-]/g)],
    ],
    secret_case: [
      ['in lower case', () => secret.toLowerCase()], ['in upper case', () => secret.toUpperCase()], ['with its first letter in upper case', () => secret.charAt(0).toUpperCase() + secret.slice(1)],
    ],
    secret_base64: [
      ...shared(base64(bytes)), ['encoded as base64 twice', () => Buffer.from(bytes.toString('base64')).toString('base64')],
      ['with a line feed at its end, encoded as base64, as echo | base64 does', () => Buffer.from(`${secret}\n`).toString('base64')],
      ['decoded from base64, - and _ skipped, as Python and PHP do', () => (/[-_]/.test(secret) ? Buffer.from(secret.replace(/[-_]/g, ''), 'base64') : null)],
    ],
    secret_hex: [...shared(hex(bytes)), ['decoded from hex, up to what is no hex', () => (/[^\da-f\s]/i.test(secret) ? Buffer.from(secret, 'hex') : null)]],
    secret_hashed: [...shared(digests(bytes)), ['replaced by its fingerprint', () => fingerprint(secret).slice(-8)]],
    secret_charset: shared(charsets(bytes, secret)),
    secret_cut: [
      ...MARKS.flatMap((mark): Row[] => {
        const name = mark === '\n' ? 'line break' : mark;
        const before = (at: number) => (at > 0 ? secret.slice(0, at) : null);
        return [
          [`cut off at its first ${name}`, () => before(secret.indexOf(mark))?.trimEnd() ?? null], [`cut off at its last ${name}`, () => before(secret.lastIndexOf(mark))],
          [`without all to its first ${name}`, () => secret.slice(secret.indexOf(mark) + 1)],
        ];
      }),
      ...Array.from({ length: Math.min(secret.length, LONGEST) - 1 }, (_none, at) => (at === 0 ? 'character' : `${at + 1} characters`)).flatMap((what, at): Row[] => [
        [`without its last ${what}`, () => secret.slice(0, -at - 1)], [`without its first ${what}`, () => secret.slice(at + 1)],
      ]),
      ['twice', around(secret, '')], ['without the = at its end', without(/=+$/g)],
    ],
  };
}

/** What stands where the secret should, the usual ones first. */
const USUAL_PLACEHOLDERS = [
  ...['', 'None', 'null', 'undefined', '${CARVOS_OUTGOING_SECRET}', '${CARVOS_INCOMING_SECRET}'],
  ...['CARVOS_OUTGOING_SECRET', 'CARVOS_INCOMING_SECRET', '${VAR}', '$CARVOS_OUTGOING_SECRET'],
  ...['demo-outgoing-secret', 'demo-incoming-secret', '**********', '***', '[REDACTED]', '(sensitive value)'],
];
/** What to change where a mask was used: Pydantic's SecretStr, terraform and logs have them. */
const UNMASK = "A program masked it: use the value itself, as Pydantic's get_secret_value() gives it.";
const PLACEHOLDERS = [
  ...`nil|NULL|nan|false|true|0|1|[object Object]|[object Promise]|\n|""|''`.split('|'),
  ...'changeme CHANGE_ME REPLACE_ME your-secret your-webhook-secret your_secret_here test'.split(' '),
  ...[...VARIABLES, 'VAR'].flatMap((name) => [
    ...[`\${${name}}`, `$${name}`, name, `{{${name}}}`, `{{ ${name} }}`, `%${name}%`, `$(${name})`],
    ...[`process.env.${name}`, `\${{ secrets.${name} }}`, `{${name}}`, `<${name}>`],
  ]),
];

/** Keys that somebody may have used for one of the secrets. */
export function secretVariants(secrets: readonly DiagnosisSecret[]) {
  const seen = new Map<string, KeyVariant>();
  const isFresh = (variant: KeyVariant) => {
    const id = variant.key.toString('latin1');
    const first = seen.get(id);
    if (first === undefined) seen.set(id, variant);
    else if (first.mistakes.length === 1 && variant.mistakes.length === 1)
      first.mistakes[0]!.alike = [...(first.mistakes[0]!.alike ?? []), variant.mistakes[0]!.what];
    return first === undefined;
  };
  const expected = secrets.filter(({ role }) => role === 'expected').map(({ value }) => value);
  const others = secrets.filter(({ role }) => role !== 'expected');
  const single = expected.flatMap((value) => mangled(value));
  const isCut = ({ mistakes }: KeyVariant) => mistakes[0]!.code === 'secret_cut';
  const prefixed = expected.filter((value) => value.startsWith('whsec_')).map((value) => value.slice(6));
  const bare: Mistake = { code: 'secret_prefix', what: 'the secret without whsec_' };
  // In this order: what comes to the same key is called by the first of its names.
  return {
    right: expected.map((value) => ({ key: Buffer.from(value), mistakes: [] })).filter(isFresh),
    /** Other secrets, as they are. */
    swapped: others
      .map((secret) => ({ key: Buffer.from(secret.value), mistakes: [roleMistake(secret)] }))
      .filter(isFresh),
    /** One mistake each; rare is what is seldom made. */
    mangled: [...single.filter((one) => !isCut(one)), ...USUAL_PLACEHOLDERS.map(placeholder)].filter(isFresh),
    rare: [...single.filter(isCut), ...PLACEHOLDERS.map(placeholder)].filter(isFresh),
    /** Two mistakes: which secret it is, or whsec_ taken away and the rest decoded, as Standard Webhooks does. */
    double: [
      ...prefixed.flatMap((value) =>
        mangled(value, bare).filter(({ mistakes }) => /decoded from/.test(mistakes[1]!.what)),
      ),
      ...others.flatMap((secret) => mangled(secret.value, roleMistake(secret))),
    ].filter(isFresh),
    /** Two steps of one secret, as a line feed behind a quoted one: the likeliest, then the rest. Only to be gone through once. */
    twice: [single.slice(0, USUAL), single].map((first) =>
      lazy(function* () {
        for (const { key, mistakes } of first)
          for (const second of mangled(key.toString(), ...mistakes)) if (isFresh(second)) yield second;
      }),
    ),
  };
}

function placeholder(text: string): KeyVariant {
  const demo = text.startsWith('demo-') && `${text}, which carvos uses when nothing is configured`;
  const empty = text === '' && "an empty secret, which Buffer.from(secret, 'hex') makes of no hex as well";
  const fix = /^\*|REDACTED|sensitive/.test(text) ? UNMASK : undefined;
  const what = demo || empty || `the text ${text} instead of the secret`;
  return { key: Buffer.from(text), mistakes: [{ code: 'secret_placeholder', what, fix }] };
}

function roleMistake({ role }: DiagnosisSecret): Mistake {
  return role === 'previous'
    ? { code: 'previous_secret', what: 'a secret that was rotated away' }
    : { code: 'other_direction', what: 'the secret of the other direction' };
}

function mangled(secret: string, ...before: Mistake[]): KeyVariant[] {
  const rows = Object.entries(secretSteps(secret)).flatMap(([code, rows]) =>
    rows.map(([what, make], rank) => ({ code: code as FindingCode, what, make, rank })),
  );
  // The likeliest of each code, then the next ones of each.
  return rows
    .toSorted((a, b) => a.rank - b.rank)
    .flatMap(({ code, what, make }) => {
      const key = make();
      if (key === null || key === secret || key.length === 0) return [];
      const whole = what.includes('the secret') ? what : `the secret ${what}`;
      return [{ key: bufferOf(key), mistakes: [...before, { code, what: whole }] }];
    });
}
