import { bodyVariants } from './body-variants.ts';
import type { BodyVariant, Mistake } from './types.ts';

/** A variant and its bytes. */
export interface Made extends BodyVariant {
  bytes: Uint8Array | string;
}

export const bufferOf = (bytes: Uint8Array | string) => Buffer.from(bytes as Uint8Array);

export function* made(variants: Iterable<BodyVariant>): Generator<Made> {
  for (const variant of variants) {
    const bytes = variant.make();
    // Its mistakes may be a getter: of thousands of names, one is needed.
    if (bytes !== null) yield Object.assign(variant, { bytes });
  }
}

/** A list that is made anew each time that it is gone through. */
export function lazy<T>(make: () => Iterable<T>): Iterable<T> {
  return { [Symbol.iterator]: () => make()[Symbol.iterator]() };
}

/** The list without repetition, and without the body as it is, remembered once it was gone through. */
export function kept(body: Buffer, list: Iterable<Made>): Iterable<Made> {
  let done: Made[] | null = null;
  return lazy(function* () {
    if (done !== null) return yield* done;
    const all = new Map<string, Made | null>([[body.toString('latin1'), null]]);
    for (const one of list) {
      const key = bufferOf(one.bytes).toString('latin1');
      if (all.has(key)) continue;
      all.set(key, one);
      yield one;
    }
    done = [...all.values()].filter((one) => one !== null);
  });
}

/** A second step on top of what another list makes. */
export const onTop = (first: Iterable<Made>, second: (bytes: Buffer) => Iterable<BodyVariant>) =>
  lazy(function* () {
    for (const one of first)
      for (const { bytes, make, mistakes } of made(second(bufferOf(one.bytes))))
        yield { bytes, make, mistakes: [...one.mistakes, ...mistakes] };
  });

/** The one mistake of a body, with the others of its kind that come to the same bytes. */
export function nameAlike(body: Buffer, { mistakes, bytes }: Made): Mistake[] {
  const [mistake] = mistakes;
  if (mistakes.length !== 1 || mistake === undefined || mistake.code === 'body_reserialized') return mistakes;
  const wanted = bufferOf(bytes);
  const alike = [...made(bodyVariants(body))].flatMap((other) => {
    const { code, what } = other.mistakes[0]!;
    const isOther = code === mistake.code && what !== mistake.what;
    return isOther && wanted.equals(bufferOf(other.bytes)) ? [what] : [];
  });
  return [{ ...mistake, alike }];
}

/** With the others that come to the same bytes. */
export function withAlike({ alike = [], ...mistake }: Mistake): Mistake {
  if (alike.length === 0) return mistake;
  const what = `${mistake.what} (or, the same bytes here, ${alike.slice(0, 2).join(', or ')})`;
  return { ...mistake, what, details: { ...mistake.details, also: alike.join('; ') } };
}

/** What is made when it is first asked for, and then remembered. */
export function once<T>(make: () => T): () => T {
  let made: { value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
