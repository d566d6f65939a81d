import type { Mistake } from './types.ts';

/** Farthest that a wrong time zone can be off, with daylight saving: 14 hours. */
const FARTHEST_ZONE = 14 * 3600;
/** A clock that runs on its own is rarely farther off than this. */
const CLOCK_DRIFT = 3600;

const ZONE_FIX =
  'Take Unix seconds straight from the system, not from a local date: a zone must not be in it.';
const REPLAY_FIX =
  'Sign anew at each attempt. To check a recorded request give the time it was received at, or check no age.';
const CLOCK_FIX = 'Set the clocks by NTP, and sign right before sending.';
const SLOW =
  'It looks like a slow clock where it was signed, a request that was held up, or one that was sent again.';
const AHEAD = 'It looks like a clock that is ahead where it was signed, or behind where it is checked.';

/** Why a signature whose hash is right is outside the tolerance. @param age seconds, negative when `t` lies ahead. */
export function judgeAge(age: number, tolerance: number): (Mistake & { fix: string }) | null {
  const distance = Math.abs(age);
  if (distance <= tolerance) return null;
  const stale = age > 0;
  const zone = zoneOf(distance);
  const [looksLike, guess, fix] =
    zone !== null
      ? ['time_zone', `That is close to ${zone}: it looks like local time taken for UTC.`, ZONE_FIX]
      : stale && distance > CLOCK_DRIFT
        ? ['replay', 'It looks like an old request that was sent or checked again.', REPLAY_FIX]
        : ['clock', stale ? SLOW : AHEAD, CLOCK_FIX];
  const off = `${words(distance)} ${stale ? 'old' : 'ahead of the clock'}; ${words(tolerance)} are allowed`;
  return {
    code: stale ? 'stale' : 'future',
    what: `The hash is right, but t is ${off}. ${guess}`,
    details: {
      age_seconds: age,
      tolerance_seconds: tolerance,
      beyond_seconds: distance - tolerance,
      looks_like: looksLike,
    },
    fix,
  };
}

/** Whole hours with a minute of leeway, halves and quarters, which are rare zones, with a quarter of it. */
function zoneOf(distance: number): string | null {
  for (const [unit, leeway] of [
    [3600, 60],
    [1800, 15],
    [900, 15],
  ] as const) {
    const nearest = Math.round(distance / unit) * unit;
    const isNear = Math.abs(distance - nearest) <= leeway;
    if (isNear && nearest >= 1800 && nearest <= FARTHEST_ZONE) return words(nearest);
  }
  return null;
}

/** The two largest units that there are. */
function words(seconds: number): string {
  const whole = Math.floor(seconds);
  const parts = [
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor(whole / 3600) % 24, 'h'],
    [Math.floor(whole / 60) % 60, 'min'],
    [whole % 60, 's'],
  ] as const;
  const shown = parts.filter(([count]) => count > 0).map(([count, name]) => `${count} ${name}`);
  return shown.slice(0, 2).join(' ') || '0 s';
}
