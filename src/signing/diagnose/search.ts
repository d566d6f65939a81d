import { asText } from './body-charsets.ts';
import { kept, lazy, type Made, made, nameAlike, once, onTop, withAlike } from './body-lists.ts';
import { bodyVariants, edited, lineEnds, texts, wholeVariants } from './body-variants.ts';
import { CONSTRUCTIONS, type Construction, HMAC } from './constructions.ts';
import { readJsonBody } from './json-variants.ts';
import { messageVariants, nearTimestamps, otherTimestamps, unitMistake } from './message-variants.ts';
import { findPrefix } from './prefix-hashes.ts';
import { secretVariants } from './secret-variants.ts';
import { type Algorithm, readTargets, type Target } from './targets.ts';
import type { BodyVariant, DiagnosisSecret, KeyVariant, MessageVariant, Mistake } from './types.ts';

interface SearchInput {
  body: Buffer;
  /** As written in the header; `null` when it has none. */
  t: string | null;
  /** What may be the digest. */
  values: readonly string[];
  secrets: readonly DiagnosisSecret[];
  /** Unix seconds. */
  now: number;
  /** Steps that may be spent on combinations. Single mistakes and recipes are always tried to the end. */
  budget: number;
}

type Steps = Generator<undefined, Mistake[] | null>;

/** Every combination of these is tried; what is left out is right. */
interface Stage {
  keys?: Iterable<KeyVariant>;
  constructions?: readonly Construction[];
  messages?: Iterable<MessageVariant>;
  bodies?: Iterable<Made>;
  targets?: readonly Target[];
  /** The beginnings of the body, under each of the keys and behind each of the messages. */
  isCutOff?: boolean;
}

/** Combinations between two looks at the clock; each one counts where the body is large. */
const BATCH = 16;
const LARGE_BODY = 16 * 1024;
/** Of a megabyte only the nearest timestamps count as a single mistake. */
const HUGE_BODY = 128 * 1024;
/** What a step costs: so many bytes hashed, or written. */
const HASHED_BYTES = 1024;
const WRITTEN_BYTES = 64;
/** So many of the messages are so usual that they come before other searches. */
const USUAL_MESSAGES = 20;
/** So many of the mistakes in a secret are usual enough to be tried with every body. */
const USUAL_KEYS = 40;

/**
 * Looks for the mistakes that lead to one of the targets: those with one first, then two, then three.
 * Secret, construction, message and body can each be wrong on their own; how the digest is written is known
 * before. Yields often, so that others can run.
 * @returns the mistakes, `null` for none; how many combinations were computed, and whether those were all.
 */
export function* search(input: SearchInput) {
  const { body, t, now } = input;
  // What Go's `mac.Sum` may have got, shortest first.
  const sums = [body, Buffer.concat([Buffer.from(`${t ?? ''}.`), body])];
  const targets = input.values.flatMap((value) => readTargets(value, sums));
  if (targets.length === 0) return { mistakes: null, tried: 0, exhaustive: true };
  const text = asText(body);
  const large = body.length > LARGE_BODY;
  // Read only when it is needed: a megabyte takes a while.
  const json = once(() => (text === null ? null : readJsonBody(text)));
  const named = (one: Mistake) => (one.code === 'body_reserialized' ? json()!.name(one) : withAlike(one));
  const keys = secretVariants(input.secrets);
  const { right, swapped, mangled, rare } = keys;
  const likelyKeys = [...swapped, ...mangled.slice(0, USUAL_KEYS)];
  const field = (name: string) =>
    new RegExp(`"${name}"\\s*:\\s*"?([^"\\\\,}]{1,255})"?`).exec(text ?? '')?.[1] ?? null;
  const messages = messageVariants(t, field('event_id'), field('timestamp'));
  // Without a t nothing can be right; that only the body was signed is then a mistake from the start.
  const message: MessageVariant =
    t === null ? messages.shift()! : { before: `${t}.`, after: '', mistakes: unitMistake(t) };
  const usualMessages = messages.slice(0, USUAL_MESSAGES);
  const near = lazy(() => nearTimestamps(t, now));
  const times = lazy(() => otherTimestamps(t, now));
  const as = (bytes: Buffer, ...mistakes: Mistake[]): Made => ({ bytes, make: () => bytes, mistakes });
  // What Go's `mac.Sum(message)` hashed: nothing, or t and the dot.
  const nothing = as(body.subarray(0, 0));
  const bare: MessageVariant = { before: '', after: '', mistakes: message.mistakes };
  const every = (make: () => Iterable<BodyVariant>) => lazy(() => made(make()));
  const list: typeof every = (make) => (large ? every(make) : kept(body, every(make)));
  const simple = list(() => bodyVariants(body));
  const recipes = list(() => json()?.recipes() ?? []);
  const usual = list(() => json()?.usual() ?? []);
  const others = list(() => [...edited(text ?? ''), ...(json()?.fields() ?? [])]);
  const combinations = every(() => json()?.combinations() ?? []);
  // Who wrote JSON again escaped it too: that says more than the escapes. Of a large body the others take long.
  const ends = list(() => lineEnds(body));
  const bodies = lazy(function* () {
    for (const some of [ends, recipes, simple]) yield* some;
  });
  const whole: Stage = {
    messages: [bare],
    bodies: list(() => wholeVariants(Buffer.concat([Buffer.from(message.before), body]))),
  };
  // The beginning of a longer hash is so rare that it is only looked for where all else is right.
  const isPart = ({ mistakes }: Target) => mistakes.some(({ code }) => code === 'truncated_signature');
  const isOdd = (one: Target) => one.algorithm.includes('-') || isPart(one);
  const likely = targets.filter((one) => !one.sum && (one.algorithm === 'sha256' || !isOdd(one)));
  // A large body is cut off more often than it is written again, and that takes longer.
  const cutOrWritten: Stage[] = large ? [{ isCutOff: true }, { bodies }] : [{ bodies }, { isCutOff: true }];
  const withEnds: Stage = { bodies: onTop(recipes, lineEnds) };

  // biome-ignore format: a table, siblings on a line
  const single: Stage[] = [
    { targets: targets.filter(({ sum }) => !sum) }, { targets: targets.filter(({ sum }) => sum), messages: [bare, message], bodies: [nothing] },
    { constructions: CONSTRUCTIONS }, { keys: swapped }, { messages: usualMessages }, { keys: mangled }, ...cutOrWritten,
    { messages: messages.slice(USUAL_MESSAGES) }, { keys: rare },
    // A recipe and a line feed behind it are as usual as the recipe; of a large body that takes long.
    ...(large ? [] : [withEnds]), { bodies: others }, whole, { messages: body.length > HUGE_BODY ? near : times },
  ];
  // biome-ignore format: a table, siblings on a line
  const combined: Stage[] = [
    { keys: keys.double }, { constructions: CONSTRUCTIONS, messages }, { keys: [...swapped, ...mangled], constructions: CONSTRUCTIONS.slice(0, 8) },
    { keys: swapped, messages }, { keys: swapped, bodies }, { messages: usualMessages, bodies }, ...(large ? [withEnds] : []),
    { keys: mangled, messages: usualMessages }, { keys: mangled.slice(0, USUAL_KEYS), bodies }, { constructions: CONSTRUCTIONS.slice(0, 4), bodies },
    { keys: swapped, isCutOff: true }, { messages: messages.slice(0, 1), isCutOff: true }, { ...whole, keys: swapped }, { keys: keys.twice[0]! },
    { bodies: onTop(usual, (bytes) => texts(bytes, true)) }, { keys: likelyKeys, messages: usualMessages.slice(0, 6), bodies: usual },
    { bodies: combinations }, { messages: times }, { keys: likelyKeys, messages: near }, { bodies: onTop(recipes, texts) },
    { keys: [...mangled, ...rare], messages },
    // From here on three mistakes at once.
    { keys: likelyKeys, messages: usualMessages.slice(0, 10), bodies }, { messages: usualMessages.slice(0, 4), ...withEnds },
    { keys: keys.double, messages: usualMessages }, { keys: keys.twice[1]! }, { keys: swapped, messages, bodies },
    { keys: [...mangled, ...rare, ...keys.double], bodies }, { messages: usualMessages.slice(0, 2), bodies: combinations },
    { keys: likelyKeys, bodies: combinations }, { bodies: onTop(combinations, lineEnds) }, { messages: times, bodies },
    { keys: mangled, messages, bodies },
  ];
  let tried = 0;
  let left = 0;
  /** What is kept is written once. */
  const paid = new WeakSet<Made>();
  for (const stages of [single, combined]) {
    left = stages === single ? Number.POSITIVE_INFINITY : input.budget;
    for (const stage of stages) {
      if (left <= 0) return { mistakes: null, tried, exhaustive: false };
      const hit = yield* stage.isCutOff ? beginnings(stage) : product(stage);
      if (hit !== null) return { mistakes: hit.map(named), tried, exhaustive: true };
      yield;
    }
  }
  return { mistakes: null, tried, exhaustive: left > 0 };

  function spend(steps: number): boolean {
    left -= steps;
    return left > 0;
  }

  function* product(stage: Stage): Steps {
    let count = 0;
    for (const one of stage.bodies ?? [as(body)]) {
      if (!spend(1 + (paid.has(one) ? 0 : one.bytes.length / WRITTEN_BYTES))) return null;
      paid.add(one);
      for (const around of stage.messages ?? [message]) {
        for (const construction of stage.constructions ?? [HMAC]) {
          for (const key of stage.keys ?? right) {
            const hit = compare(key, construction, around, one, stage.targets ?? likely);
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
    one: Made,
    among: readonly Target[],
  ): Mistake[] | null {
    const digest = (algorithm: Algorithm, bytes: Uint8Array | string) =>
      construction.digest(algorithm, key, [before, bytes, after]).toString('hex');
    let last: Algorithm | null = null;
    let hex = '';
    for (const target of among) {
      if (target.algorithm !== last) {
        tried++;
        last = target.algorithm;
        hex = digest(last, one.bytes);
      }
      // Nothing is said that was not computed a second time, from the body that arrived.
      if (!target.matches(hex) || !target.matches(digest(last, one.make(true)!))) continue;
      const inBody = large ? one.mistakes : nameAlike(body, one);
      return [...mistakes, ...construction.mistakes, ...inMessage, ...inBody, ...target.mistakes];
    }
    return null;
  }

  function* beginnings(stage: Stage): Steps {
    const among = likely.filter(({ algorithm }) => algorithm === 'sha256');
    const matches = (hex: string) => among.some((target) => target.matches(hex));
    for (const around of among.length === 0 ? [] : (stage.messages ?? [message])) {
      for (const key of stage.keys ?? right) {
        if (!spend(Math.min(body.length, LARGE_BODY) * 2)) return null;
        const length = yield* findPrefix(key.key, around.before, body, matches);
        tried += Math.min(body.length, length ?? body.length);
        if (length === null) continue;
        const what = `only the first ${length} of ${body.length} bytes of the body`;
        const details = { at_byte: length, of: body.length };
        const cut = as(body.subarray(0, length), { code: 'truncated_body', what, details });
        const hit = compare(key, HMAC, { ...around, after: '' }, cut, among);
        if (hit !== null) return hit;
      }
    }
    return null;
  }
}
