// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are lines of code for others, shown as text
import { createHash } from 'node:crypto';
import { SECRET_STEPS } from './secret-steps.ts';
import type { DiagnosisSecret, KeyVariant, Mistake } from './types.ts';

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
  ...['nil', 'NULL', 'nan', 'false', '[object Object]', '[object Promise]', '\n', '""', "''"].map(instead),
  ...VARIABLES.flatMap((name) =>
    [
      ...[`\${${name}}`, `$${name}`, name, `{{${name}}}`, `{{ ${name} }}`, `%${name}%`, `$(${name})`],
      ...[`process.env.${name}`, `\${{ secrets.${name} }}`, `{${name}}`, `<${name}>`],
    ].map(instead),
  ),
  ...['changeme', 'secret', 'your-secret', 'your-webhook-secret', 'your_secret_here', 'test'].map(
    (text): [string, string] => [text, `the placeholder ${text} instead of the secret`],
  ),
];

const placeholders = () =>
  PLACEHOLDERS.map(
    ([text, what]): KeyVariant => ({
      key: Buffer.from(text),
      mistakes: [{ code: 'secret_placeholder', what }],
    }),
  );

/** How many of the placeholders are so usual that they come before other searches. */
const USUAL_PLACEHOLDERS = 12;

export interface Keys {
  right: KeyVariant[];
  /** Other secrets, as they are. */
  swapped: KeyVariant[];
  /** One mistake each. */
  mangled: KeyVariant[];
  /** One mistake each that is seldom made. */
  rare: KeyVariant[];
  /** Two mistakes, of which one is which secret it is. */
  double: KeyVariant[];
  /** Two steps of one secret; made when it is asked for: there are many. */
  twice(): KeyVariant[];
}

/** Keys that somebody may have used for one of the secrets. */
export function secretVariants(secrets: readonly DiagnosisSecret[]): Keys {
  const seen = new Map<string, KeyVariant>();
  const fresh = (variant: KeyVariant) => {
    const id = variant.key.toString('latin1');
    const first = seen.get(id);
    if (first === undefined) seen.set(id, variant);
    else if (first.mistakes.length === 1 && variant.mistakes.length === 1 && first !== variant)
      first.mistakes[0]!.alike = [...(first.mistakes[0]!.alike ?? []), variant.mistakes[0]!.what];
    return first === undefined;
  };
  const expected = secrets.filter((secret) => secret.role === 'expected').map(({ value }) => value);
  const others = secrets.filter((secret) => secret.role !== 'expected');
  const right = expected.map((value) => ({ key: Buffer.from(value), mistakes: [] })).filter(fresh);
  const swapped = others
    .map((secret) => ({ key: Buffer.from(secret.value), mistakes: [roleMistake(secret)] }))
    .filter(fresh);
  const mangledExpected = expected.flatMap(mangled);
  const isSingle = ({ mistakes }: KeyVariant) => mistakes.length === 1;
  const usual = [
    ...mangledExpected.filter((one) => isSingle(one) && one.mistakes[0]!.code !== 'secret_cut'),
    ...placeholders().slice(0, USUAL_PLACEHOLDERS),
  ].filter(fresh);
  const rare = [...mangledExpected.filter(isSingle), ...placeholders()].filter(fresh);
  const double = [
    ...mangledExpected.filter((one) => !isSingle(one)),
    ...others.flatMap((secret) =>
      mangled(secret.value).map(({ key, mistakes }) => ({
        key,
        mistakes: [roleMistake(secret), ...mistakes],
      })),
    ),
  ].filter(fresh);
  let twice: KeyVariant[] | undefined;
  return {
    right,
    swapped,
    mangled: usual,
    rare,
    double,
    twice() {
      // A line feed behind a quoted secret, an escape on top of another, and the like.
      twice ??= expected
        .flatMap((value) =>
          textual(value).flatMap((first) =>
            mangled(first.text).map(({ key, mistakes }) => ({ key, mistakes: [first.mistake, ...mistakes] })),
          ),
        )
        .filter(fresh);
      return twice;
    },
  };
}

function roleMistake({ role }: DiagnosisSecret): Mistake {
  return role === 'previous'
    ? { code: 'previous_secret', what: 'a secret that was rotated away' }
    : { code: 'other_direction', what: 'the secret of the other direction' };
}

function mangled(secret: string): KeyVariant[] {
  return [
    ...textual(secret).map(({ text, mistake }) => ({ key: Buffer.from(text), mistakes: [mistake] })),
    ...asBytes(secret),
  ];
}

function textual(secret: string): { text: string; mistake: Mistake }[] {
  return SECRET_STEPS.flatMap(({ code, what, apply }) => {
    const text = apply(secret);
    return text === null || text === secret ? [] : [{ text, mistake: { code, what: `the secret ${what}` } }];
  });
}

/** The secret taken for encoded bytes, encoded once more, hashed, or in another character set. */
function asBytes(secret: string): KeyVariant[] {
  const variants: KeyVariant[] = [];
  const add = (code: Mistake['code'], key: Buffer, what: string, more: Mistake[] = []) => {
    if (key.length > 0) variants.push({ key, mistakes: [...more, { code, what: `the secret ${what}` }] });
  };
  const forms: [string, Mistake[]][] = [[secret, []]];
  // Standard Webhooks takes whsec_ away and decodes the rest.
  if (secret.startsWith('whsec_'))
    forms.push([secret.slice(6), [{ code: 'secret_prefix', what: 'the secret without whsec_' }]]);
  for (const [text, before] of forms) {
    const plain = text.trim();
    // Lenient decoders skip what is not of the alphabet.
    add('secret_base64', Buffer.from(plain, 'base64'), 'decoded from base64', before);
    if (/^([0-9a-f]{2})+$/i.test(plain))
      add('secret_hex', Buffer.from(plain, 'hex'), 'decoded from hex', before);
  }
  const bytes = Buffer.from(secret);
  for (const encoding of ['base64', 'base64url', 'hex'] as const) {
    const code = encoding === 'hex' ? 'secret_hex' : 'secret_base64';
    add(code, Buffer.from(bytes.toString(encoding)), `encoded as ${encoding}`);
  }
  for (const algorithm of ['sha256', 'sha1', 'md5'] as const) {
    const digest = createHash(algorithm).update(bytes).digest();
    add(
      'secret_hashed',
      Buffer.from(digest.toString('hex')),
      `hashed with ${algorithm.toUpperCase()}, in hex`,
    );
    add('secret_hashed', digest, `hashed with ${algorithm.toUpperCase()}, as bytes`);
    if (algorithm === 'sha256')
      add('secret_hashed', Buffer.from(digest.toString('hex').slice(0, 8)), 'replaced by its fingerprint');
  }
  add('secret_charset', Buffer.from(secret, 'utf16le'), 'as UTF-16');
  add('secret_charset', Buffer.from(secret, 'utf16le').swap16(), 'as UTF-16 (big-endian)');
  if (/[^\x00-\x7f]/.test(secret)) {
    add('secret_charset', Buffer.from(secret, 'latin1'), 'as Latin-1');
    add('secret_charset', Buffer.from(bytes.toString('latin1')), 'decoded as Latin-1 and written as UTF-8');
    add(
      'secret_charset',
      Buffer.from(secret.replace(/[^\x00-\x7f]/gu, '?')),
      'as ASCII, with ? for everything else',
    );
    add('secret_charset', Buffer.from(secret.normalize('NFD')), 'in Unicode NFD');
    add('secret_charset', Buffer.from(secret.normalize('NFC')), 'in Unicode NFC');
  }
  return variants;
}
