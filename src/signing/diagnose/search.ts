import { createHmac } from 'node:crypto';
import { asText } from './body-charsets.ts';
import { bodyVariants, lineEnds } from './body-variants.ts';
import type { Algorithm, Target } from './given.ts';
import { type JsonBody, readJsonBody } from './json-variants.ts';
import { messageVariants, otherTimestamps, USUAL_MESSAGES } from './message-variants.ts';
import { findPrefix } from './prefix-hashes.ts';
import { secretVariants } from './secret-variants.ts';
import type { BodyVariant, DiagnosisSecret, KeyVariant, MessageVariant, Mistake } from './types.ts';

export interface SearchInput {
  body: Buffer;
  /** As written in the header; `null` when it has none. */
  t: string | null;
  targets: readonly Target[];
  secrets: readonly DiagnosisSecret[];
  /** Unix seconds. */
  now: number;
}

/** What a search has done so far; the caller may read it at any time. */
export interface SearchState {
  /** Combinations computed. */
  tried: number;
}

export type Steps = Generator<undefined, Mistake[] | null>;

/** Variants of small bodies are kept for the combinations; those of large ones are made again. */
const KEEP_BYTES = 16 * 1024 * 1024;
/** Combinations between two looks at the clock; each one counts where the body is large. */
const BATCH = 16;
const LARGE_BODY = 16 * 1024;
const EVENT_ID = /"event_id"\s*:\s*"([^"\\]{1,255})"/;

/**
 * Looks for the mistakes that lead to one of the targets: those with one first, then two, then three.
 * Secret, message and body can each be wrong on their own; how the digest is written is known before.
 * Yields often, so that whoever drives it can stop when the time is up, or let others run. Returns the
 * mistakes, or `null` when everything was tried.
 */
export function* search(input: SearchInput, state: SearchState): Steps {
  const { body, t, targets, now } = input;
  const text = asText(body);
  // Read only when it is needed: a megabyte takes a while.
  let read: JsonBody | null | undefined;
  const json = () => {
    read ??= text === null ? null : readJsonBody(text);
    return read;
  };
  const keys = secretVariants(input.secrets);
  const { swapped, mangled } = keys;
  const changed = [...mangled, ...keys.rare];
  const otherMessages = messageVariants(t, EVENT_ID.exec(text ?? '')?.[1] ?? null);
  // Without a t nothing can be right; that only the body was signed is then a mistake from the start.
  const message: MessageVariant =
    t === null ? otherMessages.shift()! : { before: `${t}.`, after: '', mistakes: [] };
  const raw = [{ bytes: body, mistakes: [] }];
  const unchanged = () => raw;
  const simple = kept(() => bodyVariants(body));
  const named = kept(() => json()?.named() ?? []);
  const generic = kept(() => json()?.generic() ?? []);
  // Of a large body some variants take long to make: the likeliest ones first.
  const usual = () =>
    body.length > LARGE_BODY ? chain(lineEnds(body), named(), simple()) : chain(simple(), named());
  const all = () => chain(simple(), named(), generic());
  // The beginning of a longer hash is so rare that it is only looked for where all else is right.
  const likely = targets.filter(
    ({ mistakes }) => !(has(mistakes, 'algorithm') && has(mistakes, 'truncated_signature')),
  );

  const single: (() => Steps)[] = [
    () => product(keys.right, [message], unchanged, targets),
    () => product(swapped, [message], unchanged),
    () => product(keys.right, otherMessages.slice(0, USUAL_MESSAGES), unchanged),
    () => product(mangled, [message], unchanged),
    // A large body is cut off more often than it is written again, and that takes longer.
    () => (body.length > LARGE_BODY ? prefixes(keys.right, message) : nothing()),
    () => product(keys.right, [message], usual),
    () => (body.length > LARGE_BODY ? nothing() : prefixes(keys.right, message)),
    () => product(keys.right, otherMessages.slice(USUAL_MESSAGES), unchanged),
    () => product(keys.rare, [message], unchanged),
    () => product(keys.right, [message], generic),
    () => timestamps(keys.right, unchanged),
  ];
  const double: (() => Steps)[] = [
    () => product(keys.double(), [message], unchanged),
    () => product(swapped, otherMessages, unchanged),
    () => product(swapped, [message], usual),
    () => product(keys.right, otherMessages, usual),
    () => product(changed, otherMessages, unchanged),
    () => product(changed, [message], usual),
    () => product(keys.right, [message], () => stacked(named)),
    () => prefixes(swapped, message),
    () => prefixes(keys.right, otherMessages[0] ?? message),
    () => product([...swapped, ...mangled], [message], generic),
    () => product(keys.right, otherMessages, generic),
    () => timestamps([...swapped, ...mangled], unchanged),
  ];
  const triple: (() => Steps)[] = [
    () => product([...swapped, ...mangled], otherMessages.slice(0, USUAL_MESSAGES), usual),
    () => product(keys.right, [message], () => stacked(generic)),
    () => product(swapped, otherMessages, usual),
    () => product(keys.double(), otherMessages, unchanged),
    () => product(keys.double(), [message], usual),
    () => product(keys.right, otherMessages, () => stacked(named)),
    () => product([...swapped, ...mangled], [message], () => stacked(named)),
    () => product(mangled, otherMessages, usual),
    () => product(mangled, otherMessages, all),
    () => timestamps(keys.right, usual),
    () => product(keys.double(), [message], generic),
  ];
  for (const attempt of [...single, ...double, ...triple]) {
    const hit = yield* attempt();
    if (hit !== null) {
      return hit.map((one) => (one.code === 'body_reserialized' ? json()!.name(one) : one));
    }
    yield;
  }
  return null;

  function* product(
    keyList: readonly KeyVariant[],
    messageList: readonly MessageVariant[],
    bodyList: () => Iterable<BodyVariant>,
    among: readonly Target[] = likely,
  ): Steps {
    let count = 0;
    if (keyList.length === 0 || messageList.length === 0) return null;
    for (const variant of bodyList()) {
      for (const around of messageList) {
        for (const key of keyList) {
          const hit = compare(key, around, variant, among);
          if (hit !== null) return hit;
          if (++count % BATCH === 0 || body.length > LARGE_BODY) yield;
        }
      }
    }
    return null;
  }

  function compare(
    key: KeyVariant,
    around: MessageVariant,
    variant: BodyVariant,
    among: readonly Target[],
  ): Mistake[] | null {
    let last: Algorithm | null = null;
    let hex = '';
    for (const target of among) {
      if (target.algorithm !== last) {
        state.tried++;
        last = target.algorithm;
        const hmac = createHmac(last, key.key).update(around.before).update(variant.bytes);
        hex = hmac.update(around.after).digest('hex');
      }
      if (hex.startsWith(target.hex))
        return [...key.mistakes, ...around.mistakes, ...variant.mistakes, ...target.mistakes];
    }
    return null;
  }

  /** The beginnings of the body, under each of these keys. */
  function* prefixes(keyList: readonly KeyVariant[], around: MessageVariant): Steps {
    for (const target of likely) {
      if (target.algorithm !== 'sha256') continue;
      for (const key of keyList) {
        const length = yield* findPrefix(key.key, around.before, body, target.hex);
        state.tried += Math.min(body.length, length ?? body.length);
        if (length === null) continue;
        const cut: Mistake = {
          code: 'truncated_body',
          what: `only the first ${length} of ${body.length} bytes of the body`,
          details: { at_byte: length, of: body.length },
        };
        return [...key.mistakes, ...around.mistakes, cut, ...target.mistakes];
      }
    }
    return null;
  }

  function* timestamps(keyList: readonly KeyVariant[], bodyList: () => Iterable<BodyVariant>): Steps {
    for (const around of otherTimestamps(t, now)) {
      const hit = yield* product(keyList, [around], bodyList);
      if (hit !== null) return hit;
      if (body.length > LARGE_BODY) yield;
    }
    return null;
  }
}

// biome-ignore lint/correctness/useYield: a search that has nothing to do
function* nothing(): Steps {
  return null;
}

/** Another serialization with other line ends, a byte order mark, or another character set on top. */
function* stacked(variants: () => Iterable<BodyVariant>): Generator<BodyVariant> {
  for (const variant of variants()) {
    const bytes = Buffer.from(variant.bytes);
    for (const more of lineEnds(bytes))
      yield { bytes: more.bytes, mistakes: [...variant.mistakes, ...more.mistakes] };
    for (const more of bodyVariants(bytes)) {
      if (
        has(more.mistakes, 'body_charset') ||
        has(more.mistakes, 'body_double_encoded') ||
        has(more.mistakes, 'body_bytes_repr')
      )
        yield { bytes: more.bytes, mistakes: [...variant.mistakes, ...more.mistakes] };
    }
  }
}

/** Gives the variants of `make` without repetition, and remembers them while they are small. */
function kept(make: () => Iterable<BodyVariant>): () => Iterable<BodyVariant> {
  let done: BodyVariant[] | null = null;
  return function* () {
    if (done !== null) {
      yield* done;
      return;
    }
    const all: BodyVariant[] = [];
    const byLength = new Map<number, BodyVariant[]>();
    let size = 0;
    for (const variant of make()) {
      const same = byLength.get(variant.bytes.length) ?? [];
      if (same.some(({ bytes }) => Buffer.compare(bytes, variant.bytes) === 0)) continue;
      byLength.set(variant.bytes.length, [...same, variant]);
      all.push(variant);
      size += variant.bytes.length;
      yield variant;
      if (size > KEEP_BYTES) byLength.clear();
    }
    if (size <= KEEP_BYTES) done = all;
  };
}

function* chain(...lists: Iterable<BodyVariant>[]): Generator<BodyVariant> {
  for (const list of lists) yield* list;
}

function has(mistakes: readonly Mistake[], code: Mistake['code']): boolean {
  return mistakes.some((one) => one.code === code);
}
