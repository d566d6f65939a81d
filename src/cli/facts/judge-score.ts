import type { Findings, Place } from './findings.ts';

/** What recorded scores say of their range. One alone says little: 7 of 10 and 7 of 100 look the same. */
export function createScores(findings: Findings) {
  let highest: { value: number; place: Place } | null = null;
  let lowest: { value: number; place: Place } | null = null;
  let whole = true;
  return {
    add(value: unknown, place: Place): void {
      if (typeof value !== 'number' || !Number.isFinite(value)) return;
      if (highest === null || value > highest.value) highest = { value, place };
      if (lowest === null || value < lowest.value) lowest = { value, place };
      if (!Number.isInteger(value)) whole = false;
    },
    conclude(): void {
      if (highest === null || lowest === null) return;
      const note = (holds: boolean, at: Place, seen: string, range?: { min: number; max: number }) =>
        findings.at(at)('application-score-fields', holds, 'request.body.data.score', seen, {
          fact: range && { kind: 'score', value: { ...range, whole } },
        });
      const [low, high] = [lowest.value, highest.value];
      if (low < 0 || high > 100) {
        const max = roundUp(Math.max(high, -low, 1));
        note(false, high > 100 ? highest.place : lowest.place, `scores are from ${low} to ${high}`, {
          min: low < 0 ? -max : 0,
          max,
        });
      } else if (!whole && high <= 10) {
        const max = high <= 1 ? 1 : 10;
        note(false, highest.place, `scores have fractions and none is above ${max}`, { min: 0, max });
      } else if (whole && high > 10) note(true, highest.place, 'scores are whole numbers from 0 to 100');
    },
  };
}

/** The next of 1, 10, 100, 1000 … */
function roundUp(value: number): number {
  return 10 ** Math.ceil(Math.log10(value));
}

/** What a documented range says. */
export function judgeScoreRange(
  findings: Findings,
  { min, max, whole }: { min?: number; max?: number; whole?: boolean },
  place: Place,
): void {
  if (min === undefined || max === undefined) return;
  const holds = min === 0 && max === 100;
  findings.at(place)('application-score-fields', holds, 'score', `the score is ${min} to ${max}`, {
    fact: holds || min >= max ? undefined : { kind: 'score', value: { min, max, whole: whole ?? false } },
  });
}
