/** A word that completion offers, with what it means where that helps. */
export interface Word {
  word: string;
  about?: string;
}

export type Words = readonly string[] | Readonly<Record<string, string>>;

const OFFERED = Symbol('words that completion offers');

/**
 * Gives a flag or argument the words that completion offers for it. The words stand with the parser, where
 * commander keeps it, so that there is no second list.
 *
 * @param words names, or names with what each means.
 */
export function offering<P extends (text: string, before: never) => unknown>(words: Words, parse: P): P {
  const list = Array.isArray(words)
    ? words.map((word): Word => ({ word }))
    : Object.entries(words).map(([word, about]): Word => ({ word, about }));
  return Object.assign(parse.bind(null) as P, { [OFFERED]: list });
}

/** For a flag that is read later, or that also takes other values. */
export function suggest(words: Words): (text: string) => string {
  return offering(words, (text: string) => text);
}

/** What was given with {@link offering}. */
export function offeredBy(parse: unknown): readonly Word[] {
  return (parse as { [OFFERED]?: Word[] } | undefined)?.[OFFERED] ?? [];
}
