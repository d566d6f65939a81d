// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are lines of code for others, shown as text
import type { DiagnosisSecret, KeyVariant, Mistake } from './types.ts';

const PREFIX = 'whsec_';

/** Names that the secret's variable is likely to have; what is left when it is not replaced by its value. */
const VARIABLES = [
  'CARVOS_OUTGOING_SECRET',
  'CARVOS_INCOMING_SECRET',
  'CARVOS_WEBHOOK_SECRET',
  'CARVOS_SECRET',
  'CARV_WEBHOOK_SECRET',
  'WEBHOOK_SECRET',
  'SECRET',
  'VAR',
];

const instead = (text: string): [string, string] => [text, `the text ${text} instead of the secret`];

const PLACEHOLDERS: [text: string, what: string][] = [
  ['', 'an empty secret'],
  ...['None', 'null', 'undefined', '${CARVOS_OUTGOING_SECRET}', '${CARVOS_INCOMING_SECRET}'].map(instead),
  ...['CARVOS_OUTGOING_SECRET', 'CARVOS_INCOMING_SECRET', '${VAR}', '$CARVOS_OUTGOING_SECRET'].map(instead),
  ...['demo-outgoing-secret', 'demo-incoming-secret'].map((text): [string, string] => [
    text,
    `${text}, which carvos uses when nothing is configured`,
  ]),
  ...['nil', 'NULL', 'nan', 'false', '[object Object]', '[object Promise]'].map(instead),
  ...VARIABLES.flatMap((name) =>
    [`\${${name}}`, `$${name}`, name, `{{${name}}}`, `{{ ${name} }}`, `%${name}%`, `$(${name})`].map(instead),
  ),
  ...['changeme', 'secret', 'your-secret', 'your-webhook-secret', 'your_secret_here', 'test'].map(
    (text): [string, string] => [text, `the placeholder ${text} instead of the secret`],
  ),
];

const placeholders = PLACEHOLDERS.map(
  ([text, what]): KeyVariant => ({
    key: Buffer.from(text),
    mistakes: [{ code: 'secret_placeholder', what }],
  }),
);

/** How many of the placeholders are so usual that they come before other searches. */
const USUAL_PLACEHOLDERS = 12;

/**
 * Keys that somebody may have used for one of the secrets, likeliest first: the others of the secrets,
 * one mistake, one rare mistake, two mistakes.
 */
export function secretVariants(secrets: readonly DiagnosisSecret[]): {
  right: KeyVariant[];
  swapped: KeyVariant[];
  mangled: KeyVariant[];
  rare: KeyVariant[];
  /** Made when it is asked for: there are many. */
  double(): KeyVariant[];
} {
  const seen = new Set<string>();
  const fresh = (variant: KeyVariant) => {
    const id = variant.key.toString('latin1');
    if (seen.has(id)) return false;
    seen.add(id);
    return true;
  };
  const expected = secrets.filter((secret) => secret.role === 'expected');
  const others = secrets.filter((secret) => secret.role !== 'expected');
  const right = expected.map(({ value }) => ({ key: Buffer.from(value), mistakes: [] })).filter(fresh);
  const plainOthers = others.map((secret) => ({
    key: Buffer.from(secret.value),
    mistakes: [roleMistake(secret)],
  }));
  const mangledExpected = expected.flatMap(({ value }) => mangled(value));
  const swapped = plainOthers.filter(fresh);
  const all = [
    ...mangledExpected.filter(({ mistakes }) => mistakes[0]!.code !== 'secret_cut'),
    ...placeholders.slice(0, USUAL_PLACEHOLDERS),
  ].filter(fresh);
  const rare = [...mangledExpected, ...placeholders].filter(fresh);
  let double: KeyVariant[] | undefined;
  const makeDouble = () => {
    const mangledOthers = others.flatMap((secret) =>
      mangled(secret.value).map((variant) => ({
        key: variant.key,
        mistakes: [roleMistake(secret), ...variant.mistakes],
      })),
    );
    // A newline behind a quoted or prefixed secret, and the like.
    const twice = expected.flatMap(({ value }) =>
      textual(value).flatMap((first) =>
        mangled(first.text)
          .filter((second) => second.mistakes[0]!.code !== first.mistake.code)
          .map((second) => ({ key: second.key, mistakes: [first.mistake, ...second.mistakes] })),
      ),
    );
    return [
      ...all.filter((variant) => variant.mistakes.length > 1),
      ...[...mangledOthers, ...twice].filter(fresh),
    ];
  };
  return {
    right,
    swapped,
    mangled: all.filter((variant) => variant.mistakes.length === 1),
    rare: rare.filter((variant) => variant.mistakes.length === 1),
    double() {
      double ??= makeDouble();
      return double;
    },
  };
}

function roleMistake({ role }: DiagnosisSecret): Mistake {
  return role === 'previous'
    ? { code: 'previous_secret', what: 'a secret that was rotated away' }
    : { code: 'other_direction', what: 'the secret of the other direction' };
}

/** One mistake each. */
function mangled(secret: string): KeyVariant[] {
  return [
    ...textual(secret).map(({ text, mistake }) => ({ key: Buffer.from(text), mistakes: [mistake] })),
    ...decoded(secret),
  ];
}

function textual(secret: string): { text: string; mistake: Mistake }[] {
  const variants: { text: string; mistake: Mistake }[] = [];
  const add = (code: Mistake['code'], text: string, what: string) => {
    if (text !== secret) variants.push({ text, mistake: { code, what } });
  };
  const space = (text: string, what: string) => add('secret_whitespace', text, what);
  space(secret.trim(), 'the secret without the whitespace around it');
  space(secret.trimEnd(), 'the secret without the whitespace at its end');
  space(`${secret}\n`, 'the secret with a line feed at its end');
  space(`${secret}\r\n`, 'the secret with CR LF at its end');
  space(`${secret}\r`, 'the secret with a carriage return at its end');
  space(`${secret} `, 'the secret with a space at its end');
  space(` ${secret}`, 'the secret with a space before it');
  space(` ${secret} `, 'the secret with a space at either end');
  space(`${secret}\t`, 'the secret with a tab at its end');
  space(`\t${secret}`, 'the secret with a tab before it');
  space(`\n${secret}`, 'the secret with a line feed before it');
  space(`\ufeff${secret}`, 'the secret with a byte order mark before it');

  const bare = /^(["'`])([\s\S]*)\1$/.exec(secret.trim())?.[2];
  if (bare !== undefined) add('secret_quoted', bare, 'the secret without the quotes around it');
  for (const quote of ['"', "'", '`'])
    add('secret_quoted', quote + secret + quote, `the secret with ${quote} around it`);
  add('secret_quoted', `b'${secret}'`, "Python's b'…' of the secret");
  add('secret_quoted', `\\"${secret}\\"`, 'the secret with \\" around it');

  if (secret.startsWith(PREFIX))
    add('secret_prefix', secret.slice(PREFIX.length), 'the secret without whsec_');
  else add('secret_prefix', PREFIX + secret, 'the secret with whsec_ before it');

  for (const [mark, why] of [
    ['#', 'as an unquoted .env value is'],
    ['$', 'as a shell does when it expands variables'],
    ['=', 'as splitting NAME=VALUE at every = does'],
    [' ', 'as a shell does without quotes'],
  ] as const) {
    const at = secret.indexOf(mark);
    if (at > 0) add('secret_cut', secret.slice(0, at).trimEnd(), `the secret cut off at ${mark}, ${why}`);
  }
  const unpadded = secret.replace(/=+$/, '');
  if (unpadded.length > 0) add('secret_cut', unpadded, 'the secret without the = at its end');
  return variants;
}

/** The secret taken for encoded bytes, or encoded once more. */
function decoded(secret: string): KeyVariant[] {
  const variants: KeyVariant[] = [];
  const add = (code: Mistake['code'], key: Buffer, what: string, more: Mistake[] = []) => {
    if (key.length > 0) variants.push({ key, mistakes: [...more, { code, what }] });
  };
  const rest = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : null;
  const forms: [string, Mistake[]][] = [[secret, []]];
  // Standard Webhooks takes whsec_ away and decodes the rest.
  if (rest !== null) forms.push([rest, [{ code: 'secret_prefix', what: 'the secret without whsec_' }]]);
  for (const [text, before] of forms) {
    const plain = text.trim();
    if (/^[A-Za-z0-9+/_-]+={0,2}$/.test(plain)) {
      add('secret_base64', Buffer.from(plain, 'base64'), 'the secret decoded from base64', before);
    } else {
      // Lenient decoders skip what is not of the alphabet.
      add('secret_base64', Buffer.from(text, 'base64'), 'the secret decoded from base64', before);
    }
    if (/^([0-9a-f]{2})+$/i.test(plain))
      add('secret_hex', Buffer.from(plain, 'hex'), 'the secret decoded from hex', before);
  }
  const bytes = Buffer.from(secret);
  add('secret_base64', Buffer.from(bytes.toString('base64')), 'the secret encoded as base64');
  add('secret_base64', Buffer.from(bytes.toString('base64url')), 'the secret encoded as base64url');
  add('secret_hex', Buffer.from(bytes.toString('hex')), 'the secret encoded as hex');
  return variants;
}
