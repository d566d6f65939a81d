import { bodyVariants } from './body-variants.ts';
import type { BodyVariant, Mistake } from './types.ts';

/** Variants of small bodies are kept for the combinations; those of large ones are made again. */
const KEEP_BYTES = 16 * 1024 * 1024;
/** A variant and its bytes. */
export interface Made {
  bytes: Uint8Array | string;
  variant: BodyVariant;
}
export type Bodies = () => Iterable<Made>;

/**
 * Gives lists of variants without repetition, and without the body as it is, and remembers them while they
 * are small. Of a large body nothing is kept.
 */
export function keeper(body: Buffer, large: boolean): (make: () => Iterable<BodyVariant>) => Bodies {
  return (make) => {
    let done: Made[] | null = null;
    return function* () {
      if (done !== null) return yield* done;
      const all: Made[] = [];
      const seen = new Set<string>([body.toString('latin1')]);
      let size = large ? Number.POSITIVE_INFINITY : 0;
      for (const one of made(make())) {
        if (!large) {
          const key = Buffer.from(one.bytes as Uint8Array).toString('latin1');
          if (seen.has(key)) continue;
          seen.add(key);
        }
        size += one.bytes.length;
        if (size <= KEEP_BYTES) all.push(one);
        yield one;
      }
      if (size <= KEEP_BYTES) done = all;
    };
  };
}

export function* made(variants: Iterable<BodyVariant>): Generator<Made> {
  for (const variant of variants) yield { bytes: variant.make(), variant };
}

/** What holds `t` and the dot as well: the whole message went through the step. */
export function* wholeVariants(message: Buffer): Generator<BodyVariant> {
  for (const one of bodyVariants(message)) {
    if (!one.whole) continue;
    const mistakes = one.mistakes.map((mistake) => ({
      ...mistake,
      what: `${mistake.what.replaceAll('the body', 't, the dot and the body together')}`,
    }));
    yield { ...one, mistakes };
  }
}

/** A second step on top of what another list makes. */
export function* stacked(
  first: Bodies,
  second: (bytes: Buffer) => Iterable<BodyVariant>,
): Generator<BodyVariant> {
  for (const { bytes, variant } of first()) {
    for (const more of second(Buffer.from(bytes as Uint8Array))) {
      yield {
        make: more.make,
        again: more.again,
        mistakes: [...variant.mistakes, ...more.mistakes],
      };
    }
  }
}

/** What is done to a text that was written again: another character set, a string, an escape. */
export function* tops(bytes: Buffer): Generator<BodyVariant> {
  for (const one of bodyVariants(bytes))
    if (/^body_(charset|double_encoded|bytes_repr|escaped|base64)$/.test(one.mistakes[0]!.code)) yield one;
}

export function* chain(...lists: Iterable<Made>[]): Generator<Made> {
  for (const list of lists) yield* list;
}

/** The one mistake of a body, with the others of its kind that come to the same bytes. */
export function nameAlike(body: Buffer, mistakes: Mistake[], bytes: Uint8Array | string): Mistake[] {
  const [mistake] = mistakes;
  if (mistakes.length !== 1 || mistake === undefined || mistake.code === 'body_reserialized') return mistakes;
  const wanted = Buffer.from(bytes as Uint8Array);
  const alike: string[] = [];
  for (const { make, mistakes: other } of bodyVariants(body)) {
    const { code, what } = other[0]!;
    if (code === mistake.code && what !== mistake.what && wanted.equals(Buffer.from(make() as Uint8Array)))
      alike.push(what);
  }
  return [{ ...mistake, alike }];
}

/** With the others that come to the same bytes. */
export function withAlike({ alike, ...mistake }: Mistake): Mistake {
  if (alike === undefined || alike.length === 0) return mistake;
  const shown = alike.slice(0, 2).join(', or ');
  const details = { ...mistake.details, also: alike.join('; ') };
  return { ...mistake, what: `${mistake.what} (or, the same bytes here, ${shown})`, details };
}

// biome-ignore lint/correctness/useYield: a search that has nothing to do
export function* nothing(): Generator<undefined, null> {
  return null;
}
