import { bodyVariants } from './body-variants.ts';
import type { BodyVariant } from './types.ts';

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
