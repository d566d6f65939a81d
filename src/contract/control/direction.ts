import type { EventDirection } from '../event-names.ts';

/**
 * The log's words over the API (contract, section 6). Everywhere else, in code, output and in the database, a
 * direction is `incoming` or `outgoing`: it is translated here alone, where the log is written or read over the API.
 */
const TO_WIRE: Readonly<Record<EventDirection, string>> = { incoming: 'inbound', outgoing: 'outbound' };
const FROM_WIRE: Readonly<Record<string, EventDirection>> = { inbound: 'incoming', outbound: 'outgoing' };

/** What a person may type, and a query may say. */
export const DIRECTION_WORDS = ['outgoing', 'incoming', 'outbound', 'inbound'] as const;

export function readDirection(word: (typeof DIRECTION_WORDS)[number]): EventDirection {
  return FROM_WIRE[word] ?? (word as EventDirection);
}

/** The same, of a word in the log's own schema: for the API's document. */
export function wireDirection(direction: EventDirection): string {
  return TO_WIRE[direction];
}

/** A copy in which each record, delivery and diagnosis has its direction in the words of the wire. */
export function toWire<T>(value: T): T {
  return translate(value, TO_WIRE) as T;
}

/** What came over the API, in our words. */
export function fromWire(value: unknown): unknown {
  return translate(value, FROM_WIRE);
}

/** What a direction of the log stands beside. */
const BESIDE = ['delivery_id', 'last_outcome', 'diagnosis'];
/** Fields whose value is somebody's data, which is left alone whatever it looks like. */
const FOREIGN = ['data', 'actual'];

function translate(value: unknown, words: Readonly<Record<string, string>>): unknown {
  if (Array.isArray(value)) return value.map((one) => translate(one, words));
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  const logged = BESIDE.some((name) => Object.hasOwn(value, name));
  const inWords = (key: string, one: unknown) => {
    if (FOREIGN.includes(key)) return one;
    if (key !== 'direction' || !logged) return translate(one, words);
    return typeof one === 'string' && Object.hasOwn(words, one) ? words[one] : one;
  };
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, inWords(key, one)]));
}
