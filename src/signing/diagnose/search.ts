import { asText } from './body-charsets.ts';
import {
  type Bodies,
  chain,
  keeper,
  type Made,
  made,
  nameAlike,
  nothing,
  stacked,
  tops,
  wholeVariants,
  withAlike,
} from './body-lists.ts';
import { bodyVariants, edited, lineEnds } from './body-variants.ts';
import { CONSTRUCTIONS, type Construction, HMAC, SUMS } from './constructions.ts';
import { type JsonBody, readJsonBody } from './json-variants.ts';
import {
  messageVariants,
  nearTimestamps,
  otherTimestamps,
  USUAL_MESSAGES,
  unitMistake,
} from './message-variants.ts';
import { findPrefix } from './prefix-hashes.ts';
import { secretVariants } from './secret-variants.ts';
import type { Algorithm, Target } from './targets.ts';
import type { DiagnosisSecret, KeyVariant, MessageVariant, Mistake } from './types.ts';

export interface SearchInput {
  body: Buffer;
  /** As written in the header; `null` when it has none. */
  t: string | null;
  targets: readonly Target[];
  secrets: readonly DiagnosisSecret[];
  /** Unix seconds. */
  now: number;
  /** Steps that may be spent on combinations. Single mistakes and recipes are always tried to the end. */
  budget: number;
}

/** What a search has done so far; the caller may read it at any time. */
export interface SearchState {
  /** Combinations computed. */
  tried: number;
  /** Steps spent on combinations, and whether they ran out before the end. */
  spent: number;
  exhausted: boolean;
}

export type Steps = Generator<undefined, Mistake[] | null>;

/** Combinations between two looks at the clock; each one counts where the body is large. */
const BATCH = 16;
const LARGE_BODY = 16 * 1024;
/** Of a megabyte only the nearest timestamps count as a single mistake. */
const HUGE_BODY = 128 * 1024;
/** What a step costs: so many bytes hashed, or written. */
const HASHED_BYTES = 1024;
const WRITTEN_BYTES = 64;
/** So many of the mistakes in a secret are usual enough to be tried with every body. */
const USUAL_KEYS = 40;

/**
 * Looks for the mistakes that lead to one of the targets: those with one first, then two, then three.
 * Secret, construction, message and body can each be wrong on their own; how the digest is written is known
 * before. Yields often, so that others can run. Returns the mistakes, or `null` when there is no hit.
 */
export function* search(input: SearchInput, state: SearchState): Steps {
  const { body, t, targets, now } = input;
  const text = asText(body);
  const large = body.length > LARGE_BODY;
  // Read only when it is needed: a megabyte takes a while.
  let read: JsonBody | null | undefined;
  const json = () => {
    if (read === undefined) read = text === null ? null : readJsonBody(text);
    return read;
  };
  const keys = secretVariants(input.secrets);
  const { right, swapped, mangled } = keys;
  const usualKeys = mangled.slice(0, USUAL_KEYS);
  const field = (name: string) =>
    new RegExp(`"${name}"\\s*:\\s*"?([^"\\\\,}]{1,255})"?`).exec(text ?? '')?.[1] ?? null;
  const otherMessages = messageVariants(t, field('event_id'), field('timestamp'));
  // Without a t nothing can be right; that only the body was signed is then a mistake from the start.
  const unit = t === null ? null : unitMistake(t);
  const message: MessageVariant =
    t === null
      ? otherMessages.shift()!
      : { before: `${t}.`, after: '', mistakes: unit === null ? [] : [unit] };
  const usualMessages = otherMessages.slice(0, USUAL_MESSAGES);
  const bare: MessageVariant = { before: '', after: '', mistakes: message.mistakes };
  const hmac = [HMAC];
  const raw: Bodies = () => [{ bytes: body, variant: { make: () => body, again: () => body, mistakes: [] } }];
  const kept = keeper(body, large);
  const simple = kept(() => bodyVariants(body));
  const recipes = kept(() => json()?.recipes() ?? []);
  const others = kept(() => [...edited(text ?? ''), ...(json()?.fields() ?? [])]);
  const combinations: Bodies = () => made(json()?.combinations() ?? []);
  // Of a large body some variants take long to make: the likeliest ones first.
  const usual: Bodies = () =>
    large ? chain(made(lineEnds(body)), recipes(), simple()) : chain(simple(), recipes());
  const wholes = kept(() => wholeVariants(Buffer.concat([Buffer.from(message.before), body])));
  // The beginning of a longer hash is so rare that it is only looked for where all else is right.
  const likely = targets.filter(
    ({ mistakes, sum }) =>
      sum !== true && !(has(mistakes, 'algorithm') && has(mistakes, 'truncated_signature')),
  );

  const recipesWithEnds = () => product(right, hmac, [message], () => made(stacked(recipes, lineEnds)));

  const single: (() => Steps)[] = [
    () =>
      product(
        right,
        hmac,
        [message],
        raw,
        targets.filter(({ sum }) => !sum),
      ),
    () =>
      product(
        right,
        SUMS,
        [message],
        raw,
        targets.filter(({ sum }) => sum),
      ),
    () => product(right, CONSTRUCTIONS, [message], raw),
    () => product(swapped, hmac, [message], raw),
    () => product(right, hmac, usualMessages, raw),
    () => product(mangled, hmac, [message], raw),
    // A large body is cut off more often than it is written again, and that takes longer.
    () => (large ? prefixes(right, message) : nothing()),
    () => product(right, hmac, [message], usual),
    () => (large ? nothing() : prefixes(right, message)),
    () => product(right, hmac, otherMessages.slice(USUAL_MESSAGES), raw),
    () => product(keys.rare, hmac, [message], raw),
    // A recipe and a line feed behind it are as usual as the recipe; of a large body that takes long.
    () => (large ? nothing() : recipesWithEnds()),
    () => product(right, hmac, [message], others),
    () => product(right, hmac, [bare], wholes),
    () => timestamps(right, raw, body.length > HUGE_BODY),
  ];
  const double: (() => Steps)[] = [
    () => product(keys.double, hmac, [message], raw),
    () => product(right, CONSTRUCTIONS, otherMessages, raw),
    () => product([...swapped, ...mangled], CONSTRUCTIONS.slice(0, 8), [message], raw),
    () => product(swapped, hmac, otherMessages, raw),
    () => product(swapped, hmac, [message], usual),
    () => product(right, hmac, usualMessages, usual),
    () => (large ? recipesWithEnds() : nothing()),
    () => product(mangled, hmac, usualMessages, raw),
    () => product(usualKeys, hmac, [message], usual),
    () => product(right, CONSTRUCTIONS.slice(0, 4), [message], usual),
    () => prefixes(swapped, message),
    () => prefixes(right, otherMessages[0] ?? message),
    () => product(right, hmac, [message], combinations),
    () => product(swapped, hmac, [bare], wholes),
    () => timestamps(right, raw, false),
    () => timestamps([...swapped, ...usualKeys], raw, true),
    () => product(right, hmac, [message], () => made(stacked(recipes, tops))),
    () => product([...mangled, ...keys.rare], hmac, otherMessages, raw),
  ];
  const triple: (() => Steps)[] = [
    () => product([...swapped, ...usualKeys], hmac, usualMessages.slice(0, 10), usual),
    () => product(right, hmac, usualMessages.slice(0, 4), () => made(stacked(recipes, lineEnds))),
    () => product(keys.double, hmac, usualMessages, raw),
    () => product(keys.twice(), hmac, [message], raw),
    () => product(swapped, hmac, otherMessages, usual),
    () => product([...mangled, ...keys.rare, ...keys.double], hmac, [message], usual),
    () => product(right, hmac, usualMessages.slice(0, 2), combinations),
    () => product([...swapped, ...usualKeys], hmac, [message], combinations),
    () => product(right, hmac, [message], () => made(stacked(combinations, lineEnds))),
    () => timestamps(right, usual, false),
    () => product(mangled, hmac, otherMessages, usual),
  ];
  let combining = false;
  for (const attempt of [...single, () => startCombining(), ...double, ...triple]) {
    const hit = yield* attempt();
    if (hit !== null)
      return hit.map((one) => (one.code === 'body_reserialized' ? json()!.name(one) : withAlike(one)));
    if (state.exhausted) return null;
    yield;
  }
  return null;

  // biome-ignore lint/correctness/useYield: a stage like the others
  function* startCombining(): Steps {
    combining = true;
    state.exhausted = input.budget <= 0;
    return null;
  }

  function spend(steps: number): boolean {
    if (!combining) return true;
    state.spent += steps;
    state.exhausted = state.spent > input.budget;
    return !state.exhausted;
  }

  function* product(
    keyList: readonly KeyVariant[],
    constructions: readonly Construction[],
    messageList: readonly MessageVariant[],
    bodyList: Bodies,
    among: readonly Target[] = likely,
  ): Steps {
    let count = 0;
    if (keyList.length === 0 || messageList.length === 0) return null;
    for (const one of bodyList()) {
      if (!spend(1 + one.bytes.length / WRITTEN_BYTES)) return null;
      for (const around of messageList) {
        for (const construction of constructions) {
          for (const key of keyList) {
            const hit = compare(key, construction, around, one, among);
            if (hit !== null) return hit;
            if (!spend(1 + one.bytes.length / HASHED_BYTES)) return null;
            if (++count % BATCH === 0 || large) yield;
          }
        }
      }
    }
    return null;
  }

  function compare(
    { key, mistakes }: KeyVariant,
    construction: Construction,
    { before, after, mistakes: inMessage }: MessageVariant,
    { bytes, variant }: Made,
    among: readonly Target[],
  ): Mistake[] | null {
    let last: Algorithm | null = null;
    let hex = '';
    for (const target of among) {
      if (target.algorithm !== last) {
        state.tried++;
        last = target.algorithm;
        hex = construction.digest(last, { key, before, bytes, after }).toString('hex');
      }
      if (!target.matches(hex)) continue;
      // Nothing is said that was not computed a second time, from the body that arrived.
      const proof = construction
        .digest(last!, { key, before, bytes: variant.again(), after })
        .toString('hex');
      if (!target.matches(proof)) continue;
      const inBody = large ? variant.mistakes : nameAlike(body, variant.mistakes, bytes);
      return [...mistakes, ...construction.mistakes, ...inMessage, ...inBody, ...target.mistakes];
    }
    return null;
  }

  /** The beginnings of the body, under each of these keys. */
  function* prefixes(keyList: readonly KeyVariant[], around: MessageVariant): Steps {
    const whole = likely.filter(({ algorithm }) => algorithm === 'sha256');
    const matches = (hex: string) => whole.some((target) => target.matches(hex));
    for (const key of keyList) {
      if (whole.length === 0 || !spend((Math.min(body.length, LARGE_BODY) * 2) as number)) return null;
      const length = yield* findPrefix(key.key, around.before, body, matches);
      state.tried += Math.min(body.length, length ?? body.length);
      if (length === null) continue;
      const cut: Mistake = {
        code: 'truncated_body',
        what: `only the first ${length} of ${body.length} bytes of the body`,
        details: { at_byte: length, of: body.length },
      };
      const make = () => body.subarray(0, length);
      const hit = compare(
        key,
        HMAC,
        { ...around, after: '' },
        { bytes: make(), variant: { make, again: make, mistakes: [cut] } },
        whole,
      );
      if (hit !== null) return hit;
    }
    return null;
  }

  function* timestamps(keyList: readonly KeyVariant[], bodyList: Bodies, near: boolean): Steps {
    for (const around of near ? nearTimestamps(t, now) : otherTimestamps(t, now)) {
      const hit = yield* product(keyList, hmac, [around], bodyList);
      if (hit !== null || state.exhausted) return hit;
    }
    return null;
  }
}

function has(mistakes: readonly Mistake[], code: Mistake['code']): boolean {
  return mistakes.some((one) => one.code === code);
}
