/**
 * The one vocabulary of faults: `send --fault`, `fault`, the config file and
 * `check` all use these words. No zod here, so that commands which only sign need not load it.
 */

/**
 * Where a fault can act. `ingress`: the gateway's answer to an incoming event. `delivery`: an
 * attempt to deliver an outgoing one. `ai`: an attempt at the AI, whoever it is. `send`: what
 * `carvos send` sends.
 */
export type FaultPlace = 'ingress' | 'delivery' | 'ai' | 'send';

interface KindFacts {
  places: readonly FaultPlace[];
  /** One sentence of what it does. */
  what: string;
}

export const FAULTS = {
  'wrong-signature': {
    places: ['delivery', 'send'],
    what: 'The signature has the right form, but is random.',
  },
  'wrong-secret': { places: ['delivery', 'send'], what: 'Signed with a secret that nobody has.' },
  stale: { places: ['delivery', 'send'], what: 'Signed right, but t is ten minutes old.' },
  future: { places: ['delivery', 'send'], what: 'Signed right, but t is ten minutes ahead.' },
  'tampered-body': {
    places: ['delivery', 'send'],
    what: 'One byte of the body is changed after signing.',
  },
  duplicate: {
    places: ['delivery', 'send'],
    what: 'The same request is sent twice, the second when the first was answered; 2xx on both counts as accepted.',
  },
  reorder: {
    places: ['delivery'],
    what: 'Held back until the next webhook to the same receiver was sent, at most for the delay.',
  },
  delay: { places: ['delivery'], what: 'Sent after the delay, in real time.' },
  'lost-ack': {
    places: ['ingress', 'delivery'],
    what: 'The work is done, but the answer gets lost: accepted, then the connection is cut; or delivered, but not counted and sent again.',
  },
  reset: {
    places: ['ingress', 'delivery'],
    what: 'The connection is cut: before anything is accepted, or in the middle of the request.',
  },
  'status-429': {
    places: ['ingress', 'delivery', 'ai'],
    what: 'Answered 429 with Retry-After; nothing accepted, or the receiver or AI not called.',
  },
  'status-500': {
    places: ['ingress', 'delivery', 'ai'],
    what: 'Answered 500; nothing accepted, or the receiver or AI not called.',
  },
  'status-503': {
    places: ['ingress', 'delivery', 'ai'],
    what: 'Answered 503; nothing accepted, or the receiver or AI not called.',
  },
  slow: {
    places: ['ingress', 'delivery', 'ai'],
    what: 'Accepted at once, answered after the delay; or the request drips in over the delay, and the limit on the answer counts from its end. The AI is asked after the delay.',
  },
  truncated: { places: ['ai'], what: 'The answer is JSON that is cut off.' },
  stalled: {
    places: ['ai'],
    what: 'The answer begins and does not end; given up at the limit (ai.timeout).',
  },
  'wrong-schema': { places: ['ai'], what: 'The answer is JSON, but not what the contract says.' },
  never: { places: ['ai'], what: 'No answer comes; given up at the limit (ai.timeout).' },
} as const satisfies Record<string, KindFacts>;

export type FaultKind = keyof typeof FAULTS;

/** The kinds that can act at a place. */
export type FaultKindAt<P extends FaultPlace> = {
  [K in FaultKind]: P extends (typeof FAULTS)[K]['places'][number] ? K : never;
}[FaultKind];

export const FAULT_KINDS = Object.keys(FAULTS) as FaultKind[];

/** Kinds with the sentence of what each does. */
export function kindTexts(kinds: readonly FaultKind[]): Record<string, string> {
  return Object.fromEntries(kinds.map((kind) => [kind, FAULTS[kind].what]));
}

/** Where a fault can act; at `send` it is not decided but asked for. */
export const FAULT_POINTS = ['delivery', 'ingress', 'ai'] as const;
export type FaultPoint = (typeof FAULT_POINTS)[number];

/** Whether a kind can act there. */
export function actsAt(kind: FaultKind, place: FaultPlace): boolean {
  return (FAULTS[kind].places as readonly FaultPlace[]).includes(place);
}

/** Seconds that `stale` and `future` are off: beyond the documented tolerance of 300. */
export const OFF_BY_SECONDS = 600;

/** Kinds whose delay can be set, and what it is otherwise, in milliseconds of real time. */
export const DELAY_KINDS: readonly FaultKind[] = ['reorder', 'delay', 'slow'];
export const DEFAULT_FAULT_DELAY_MS = 2000;
export const MAX_FAULT_DELAY_MS = 600_000;

/** Kinds that answer with a status, and the Retry-After of a 429 in seconds. */
export const STATUS_KINDS: readonly FaultKind[] = ['status-429', 'status-500', 'status-503'];
export const DEFAULT_RETRY_AFTER_S = 1;

/** The same faults for everybody who does not ask for others. */
export const DEFAULT_SEED = 1;

/**
 * A copy with exactly one byte changed: the last letter or digit of a text value, so that JSON stays
 * JSON; in anything else the last byte.
 */
export function tamperBody(body: Uint8Array): Uint8Array {
  const changed = Uint8Array.from(body);
  const at = lastTextByte(body) ?? body.length - 1;
  if (at >= 0) changed[at] = body[at] === 0x78 ? 0x79 : 0x78;
  return changed;
}

/** Index of the last letter or digit before a quote that ends a value. */
function lastTextByte(body: Uint8Array): number | null {
  for (let index = body.length - 2; index > 0; index--) {
    if (body[index] !== 0x22 || !isWordByte(body[index - 1]!)) continue;
    let after = index + 1;
    while (after < body.length && body[after]! <= 0x20) after++;
    // A comma, or the end of an object or list: a colon would make it a key.
    if (body[after] === 0x2c || body[after] === 0x5d || body[after] === 0x7d) return index - 1;
  }
  return null;
}

function isWordByte(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
}
