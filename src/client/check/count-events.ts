/** How often an event stands in a state, as far as the state shows it. */
export interface Counter {
  /** How much more it became from one state to the next for one event; `null` where that cannot be told. */
  countBetween(before: Buffer, after: Buffer, eventId: string): number | null;
}

/**
 * Learns from two states, before and after one event that was sent once, what one event adds: its id, a number that rose by
 * one, or a list that became one longer.
 */
export function learnCounter(before: Buffer, after: Buffer, eventId: string): Counter {
  if (occurrences(after, eventId) === 1) return { countBetween: (_from, to, id) => occurrences(to, id) };
  const rose = risen(before, after)
    .filter(([, by]) => by === 1)
    .map(([path]) => path);
  return {
    countBetween(from, to) {
      const by = risen(from, to).filter(([path]) => rose.includes(path));
      return by.length === 0 ? null : Math.max(...by.map(([, count]) => count));
    },
  };
}

function occurrences(state: Buffer, eventId: string): number {
  return state.toString('utf8').split(eventId).length - 1;
}

/**
 * What one event added from one state to the next: whole numbers and lists that grew, by their place, and how often its id
 * stands there now. Only what grew.
 */
export function effectsOf(before: Buffer, after: Buffer, eventId: string): Map<string, number> {
  const ids: [string, number] = ['the event_id', occurrences(after, eventId)];
  return new Map(
    [...risen(before, after), ids].filter(([, by]) => by > 0).map(([path, by]) => [path || 'it', by]),
  );
}

/** What rose from one state to the other, and by how much. */
function risen(before: Buffer, after: Buffer): [string, number][] {
  const from = sizesOf(before);
  return [...sizesOf(after)].map(([path, size]) => [path, size - (from.get(path) ?? 0)]);
}

/** Whole numbers and lengths of lists in a state that is JSON, a number alone too, by their place. */
function sizesOf(state: Buffer): Map<string, number> {
  const sizes = new Map<string, number>();
  const look = (value: unknown, path: string) => {
    if (Number.isInteger(value)) sizes.set(path, value as number);
    if (Array.isArray(value)) sizes.set(path, value.length);
    else if (typeof value === 'object' && value !== null)
      for (const [key, inner] of Object.entries(value)) look(inner, `${path}/${key}`);
  };
  try {
    look(JSON.parse(state.toString('utf8')), '');
  } catch {
    // A state that is no JSON says nothing here.
  }
  return sizes;
}
