// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are lines of code for others, shown as text
import { bufferOf } from './body-lists.ts';
import type { FindingCode } from './catalogue.ts';
import { lazy } from './lazy.ts';
import { secretSteps, VARIABLES } from './secret-steps.ts';
import type { DiagnosisSecret, KeyVariant, Mistake } from './types.ts';

/** What stands where the secret should, the usual ones first. */
const USUAL_PLACEHOLDERS = [
  ...['', 'None', 'null', 'undefined', '${CARVOS_OUTGOING_SECRET}', '${CARVOS_INCOMING_SECRET}'],
  ...['CARVOS_OUTGOING_SECRET', 'CARVOS_INCOMING_SECRET', '${VAR}', '$CARVOS_OUTGOING_SECRET'],
  ...['demo-outgoing-secret', 'demo-incoming-secret'],
];
const PLACEHOLDERS = [
  ...['nil', 'NULL', 'nan', 'false', '[object Object]', '[object Promise]', '\n', '""', "''"],
  ...['changeme', 'secret', 'your-secret', 'your-webhook-secret', 'your_secret_here', 'test'],
  ...[...VARIABLES, 'VAR'].flatMap((name) => [
    ...[`\${${name}}`, `$${name}`, name, `{{${name}}}`, `{{ ${name} }}`, `%${name}%`, `$(${name})`],
    ...[`process.env.${name}`, `\${{ secrets.${name} }}`, `{${name}}`, `<${name}>`],
  ]),
];

export interface Keys {
  right: KeyVariant[];
  /** Other secrets, as they are. */
  swapped: KeyVariant[];
  /** One mistake each; rare is what is seldom made. */
  mangled: KeyVariant[];
  rare: KeyVariant[];
  /** Two mistakes, of which one is which secret it is. */
  double: KeyVariant[];
  /** Two steps of one secret, as a line feed behind a quoted one. Only to be gone through once. */
  twice: Iterable<KeyVariant>;
}

/** Keys that somebody may have used for one of the secrets. */
export function secretVariants(secrets: readonly DiagnosisSecret[]): Keys {
  const seen = new Map<string, KeyVariant>();
  const isFresh = (variant: KeyVariant) => {
    const id = variant.key.toString('latin1');
    const first = seen.get(id);
    if (first === undefined) seen.set(id, variant);
    else if (first.mistakes.length === 1 && variant.mistakes.length === 1)
      first.mistakes[0]!.alike = [...(first.mistakes[0]!.alike ?? []), variant.mistakes[0]!.what];
    return first === undefined;
  };
  const expected = secrets.filter((secret) => secret.role === 'expected').map(({ value }) => value);
  const others = secrets.filter((secret) => secret.role !== 'expected');
  const single = expected.flatMap((value) => mangled(value));
  const isCut = ({ mistakes }: KeyVariant) => mistakes[0]!.code === 'secret_cut';
  // Standard Webhooks takes whsec_ away and decodes the rest.
  const standard = expected
    .filter((value) => value.startsWith('whsec_'))
    .flatMap((value) => mangled(value.slice(6), { code: 'secret_prefix', what: 'the secret without whsec_' }))
    .filter(({ mistakes }) => mistakes[1]!.what.includes('decoded from'));
  const plainly = (value: string, ...mistakes: Mistake[]) => ({ key: Buffer.from(value), mistakes });
  const doubled = others.flatMap((secret) => mangled(secret.value, roleMistake(secret)));
  // In this order: what comes to the same key is called by the first of its names.
  return {
    right: expected.map((value) => plainly(value)).filter(isFresh),
    swapped: others.map((secret) => plainly(secret.value, roleMistake(secret))).filter(isFresh),
    mangled: [...single.filter((one) => !isCut(one)), ...USUAL_PLACEHOLDERS.map(placeholder)].filter(isFresh),
    rare: [...single.filter(isCut), ...PLACEHOLDERS.map(placeholder)].filter(isFresh),
    double: [...standard, ...doubled].filter(isFresh),
    twice: lazy(function* () {
      for (const { key, mistakes } of single)
        for (const second of mangled(key.toString(), ...mistakes)) if (isFresh(second)) yield second;
    }),
  };
}

function placeholder(text: string): KeyVariant {
  const what =
    text === ''
      ? 'an empty secret'
      : text.startsWith('demo-')
        ? `${text}, which carvos uses when nothing is configured`
        : `the text ${text} instead of the secret`;
  return { key: Buffer.from(text), mistakes: [{ code: 'secret_placeholder', what }] };
}

function roleMistake({ role }: DiagnosisSecret): Mistake {
  return role === 'previous'
    ? { code: 'previous_secret', what: 'a secret that was rotated away' }
    : { code: 'other_direction', what: 'the secret of the other direction' };
}

function mangled(secret: string, ...before: Mistake[]): KeyVariant[] {
  return Object.entries(secretSteps(secret)).flatMap(([code, rows]) =>
    rows.flatMap(([what, make]) => {
      const key = make();
      if (key === null || key === secret || key.length === 0) return [];
      const whole = what.includes('the secret') ? what : `the secret ${what}`;
      return [{ key: bufferOf(key), mistakes: [...before, { code: code as FindingCode, what: whole }] }];
    }),
  );
}
