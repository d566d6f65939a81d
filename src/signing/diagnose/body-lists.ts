import { bodyVariants } from './body-variants.ts';
import { lazy } from './lazy.ts';
import type { BodyVariant, Mistake } from './types.ts';

/** A variant and its bytes. */
export interface Made extends BodyVariant {
  bytes: Uint8Array | string;
}

export function* made(variants: Iterable<BodyVariant>): Generator<Made> {
  for (const variant of variants) {
    const bytes = variant.make();
    if (bytes !== null) yield { ...variant, bytes };
  }
}

/** The list without repetition, and without the body as it is, remembered once it was gone through. */
export function kept(body: Buffer, list: Iterable<Made>): Iterable<Made> {
  let done: Made[] | null = null;
  return lazy(function* () {
    if (done !== null) return yield* done;
    const seen = new Set([body.toString('latin1')]);
    const all: Made[] = [];
    for (const one of list) {
      const key = Buffer.from(one.bytes as Uint8Array).toString('latin1');
      if (seen.has(key)) continue;
      seen.add(key);
      all.push(one);
      yield one;
    }
    done = all;
  });
}

/** What holds `t` and the dot as well: the whole message went through the step. */
export function* wholeVariants(message: Buffer): Generator<BodyVariant> {
  for (const one of bodyVariants(message)) {
    if (!one.whole) continue;
    const mistakes = one.mistakes.map((mistake) => ({
      ...mistake,
      what: mistake.what.replaceAll('the body', 't, the dot and the body together'),
    }));
    yield { ...one, mistakes };
  }
}

/** A second step on top of what another list makes. */
export function* stacked(first: Iterable<Made>, second: (bytes: Buffer) => Iterable<BodyVariant>) {
  for (const { bytes, mistakes } of first) {
    for (const more of second(Buffer.from(bytes as Uint8Array)))
      yield { ...more, mistakes: [...mistakes, ...more.mistakes] };
  }
}

/** What is done to a text that was written again: another character set, a string, an escape. */
export function* tops(bytes: Buffer): Generator<BodyVariant> {
  for (const one of bodyVariants(bytes))
    if (/^body_(charset|double_encoded|bytes_repr|escaped|base64)$/.test(one.mistakes[0]!.code)) yield one;
}

/** The one mistake of a body, with the others of its kind that come to the same bytes. */
export function nameAlike(body: Buffer, { mistakes, bytes }: Made): Mistake[] {
  const [mistake] = mistakes;
  if (mistakes.length !== 1 || mistake === undefined || mistake.code === 'body_reserialized') return mistakes;
  const wanted = Buffer.from(bytes as Uint8Array);
  const alike: string[] = [];
  for (const other of made(bodyVariants(body))) {
    const { code, what } = other.mistakes[0]!;
    const isSame = code === mistake.code && wanted.equals(Buffer.from(other.bytes as Uint8Array));
    if (isSame && what !== mistake.what) alike.push(what);
  }
  return [{ ...mistake, alike }];
}

/** With the others that come to the same bytes. */
export function withAlike({ alike = [], ...mistake }: Mistake): Mistake {
  if (alike.length === 0) return mistake;
  const shown = alike.slice(0, 2).join(', or ');
  const details = { ...mistake.details, also: alike.join('; ') };
  return { ...mistake, what: `${mistake.what} (or, the same bytes here, ${shown})`, details };
}
