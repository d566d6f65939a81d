import { FARTHEST_ZONE, secondsOf } from './message-variants.ts';
import type { Mistake } from './types.ts';

/** A clock that runs on its own is rarely farther off than this. */
const CLOCK_DRIFT = 3600;
/** What is farther off is no time in seconds: ten years. */
const NO_TIME = 10 * 365 * 86_400;

/** What it looks like, and what to change then. */
// biome-ignore format: a table, a row a line
const LOOKS = {
  time_zone: ['it looks like local time taken for UTC.', 'Take Unix seconds straight from the system, not from a local date: a zone must not be in it.'],
  replay: ['It looks like an old request that was sent or checked again.', 'Sign anew at each attempt. To check a recorded request give the time it was received at, or check no age.'],
  slow: ['It looks like a slow clock where it was signed, a request that was held up, or one that was sent again.', 'Set the clocks by NTP, and sign right before sending.'],
  no_time: ['It looks like another unit than seconds, or like no time at all.', 'Use whole Unix seconds: a number of 10 digits. Look for a division too many, minutes, .NET ticks, or a variable that was not set.'],
  ahead: ['It looks like a clock that is ahead where it was signed, or behind where it is checked.', 'Set the clocks by NTP, and sign right before sending.'],
} as const;

/** Why a signature whose hash is right is outside the tolerance, in seconds; `null` where it is not, or `t` is no time. */
export function judgeAge(t: string | null, now: number, tolerance: number): Mistake | null {
  // t in another unit is a mistake of its own; its age is that of the same moment in seconds.
  const seconds = t === null ? null : secondsOf(t);
  const age = seconds === null ? 0 : Math.round(now - seconds);
  const distance = Math.abs(age);
  if (distance <= tolerance) return null;
  const stale = age > 0;
  const zone = zoneOf(distance);
  const clock = stale ? 'slow' : 'ahead';
  const far = distance > NO_TIME ? 'no_time' : stale && distance > CLOCK_DRIFT ? 'replay' : clock;
  const looks = zone !== null ? 'time_zone' : far;
  const [guess, fix] = LOOKS[looks];
  const off = `${words(distance)} ${stale ? 'old' : 'ahead of the clock'}; ${words(tolerance)} are allowed`;
  return {
    code: stale ? 'stale' : 'future',
    what: `The hash is right, but t is ${off}. ${zone === null ? '' : `That is close to ${zone}: `}${guess}`,
    details: {
      age_seconds: age,
      tolerance_seconds: tolerance,
      beyond_seconds: distance - tolerance,
      looks_like: looks === clock ? 'clock' : looks,
    },
    fix,
  };
}

/** Whole hours with a minute of leeway, halves and quarters, which are rare zones, with a quarter of it. */
function zoneOf(distance: number): string | null {
  const zones = [3600, 1800, 900].map((unit) => Math.round(distance / unit) * unit);
  const isNear = (zone: number, index: number) => Math.abs(distance - zone) <= (index === 0 ? 60 : 15);
  const zone = zones.find((one, index) => isNear(one, index) && one >= 1800 && one <= FARTHEST_ZONE);
  return zone === undefined ? null : words(zone);
}

const UNITS = { d: 86_400, h: 3600, min: 60, s: 1 };

/** The two largest units that there are. */
function words(seconds: number): string {
  const parts: string[] = [];
  let rest = Math.floor(seconds);
  for (const [name, size] of Object.entries(UNITS)) {
    if (rest >= size) parts.push(`${Math.floor(rest / size)} ${name}`);
    rest %= size;
  }
  return parts.slice(0, 2).join(' ') || '0 s';
}
