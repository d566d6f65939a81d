/** Choices that follow from a seed (mulberry32), so that a run can be repeated. */
export function createChoices(seed) {
  let state = seed | 0;
  const random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit) => Math.floor(random() * limit);
  return {
    random,
    /** A whole number from 0, below `limit`. */
    below,
    pick: (list) => list[below(list.length)],
    chance: (share) => random() < share,
    bytes: (length) => Buffer.from(Array.from({ length }, () => below(256))),
  };
}
