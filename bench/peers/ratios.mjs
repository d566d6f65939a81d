// Figures of one run as ratios. The spread says how much to believe them.
import { median, quantile } from '../support.mjs';

/**
 * Ratios of measurements that were made beside one another, round by round.
 *
 * @returns their median, and the quarter marks below and above it.
 */
export function compareRounds(ours, theirs) {
  if (ours.length !== theirs.length || ours.length === 0) throw new RangeError('rounds do not pair up');
  const ratios = ours.map((value, i) => value / theirs[i]).sort((a, b) => a - b);
  return { median: median(ratios), low: quantile(ratios, 0.25), high: quantile(ratios, 0.75) };
}

/** `3.1 × (2.9 to 3.4)`: two figures, since more are noise. */
export function formatRatio(ratio) {
  return `${twoFigures(ratio.median)} × ${formatSpread(ratio)}`;
}

export function formatSpread({ low, high }) {
  return `(${twoFigures(low)} to ${twoFigures(high)})`;
}

export function twoFigures(value) {
  return value >= 9.95 ? value.toFixed(0) : value >= 0.995 ? value.toFixed(1) : value.toFixed(2);
}
