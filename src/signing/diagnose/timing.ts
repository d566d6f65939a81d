import type { Mistake } from './types.ts';

/** Farthest that a wrong time zone can be off, with daylight saving: 14 hours. */
const FARTHEST_ZONE = 14 * 3600;
/** A clock that runs on its own is rarely farther off than this. */
const CLOCK_DRIFT = 3600;

interface Judgement {
  mistake: Mistake;
  message: string;
  fix: string;
}

/** Why a signature whose hash is right is outside the tolerance. @param age seconds, negative when `t` lies ahead. */
export function judgeAge(age: number, tolerance: number): Judgement | null {
  const distance = Math.abs(age);
  if (distance <= tolerance) return null;
  const stale = age > 0;
  const zone = zoneOf(distance);
  const looksLike = zone !== null ? 'time_zone' : stale && distance > CLOCK_DRIFT ? 'replay' : 'clock';
  const off = `${words(distance)} ${stale ? 'old' : 'ahead of the clock'}; ${words(tolerance)} are allowed`;
  const guess = {
    time_zone: `That is close to ${zone}: it looks like local time taken for UTC.`,
    replay: 'It looks like an old request that was sent or checked again.',
    clock: stale
      ? 'It looks like a slow clock where it was signed, a request that was held up, or one that was sent again.'
      : 'It looks like a clock that is ahead where it was signed, or behind where it is checked.',
  }[looksLike];
  const fix = {
    time_zone: 'Take Unix seconds straight from the system, not from a local date: a zone must not be in it.',
    replay:
      'Sign anew at each attempt. To check a recorded request give the time it was received at, or check no age.',
    clock: 'Set the clocks by NTP, and sign right before sending.',
  }[looksLike];
  return {
    mistake: {
      code: stale ? 'stale' : 'future',
      what: '',
      details: {
        age_seconds: age,
        tolerance_seconds: tolerance,
        beyond_seconds: distance - tolerance,
        looks_like: looksLike,
      },
    },
    message: `The hash is right, but t is ${off}. ${guess}`,
    fix,
  };
}

/** Whole hours with a minute of leeway, quarters and halves, which are rare zones, with a quarter of it. */
function zoneOf(distance: number): string | null {
  for (const [unit, leeway] of [
    [3600, 60],
    [1800, 15],
    [900, 15],
  ] as const) {
    const count = Math.round(distance / unit);
    const off = Math.abs(distance - count * unit);
    if (count > 0 && count * unit <= FARTHEST_ZONE && off <= leeway && count * unit >= 1800)
      return words(count * unit);
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
