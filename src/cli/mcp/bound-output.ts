/** Most that one answer holds, in characters: an assistant reads all of it, and pays for it. */
export const MAX_OUTPUT = 24_000;

/** Room for what stands around the beginning of a value that no step makes short enough. */
const AROUND = 100;

/** Longest text and longest list that are kept, from what nearly everything fits to what everything does. */
const STEPS = [
  [8000, 200],
  [2000, 50],
  [500, 20],
  [200, 10],
  [80, 4],
] as const;

/** A value as JSON of at most `MAX_OUTPUT` characters: long texts and lists are cut, and say so where they are. */
export function boundOutput(value: unknown): string {
  const whole = JSON.stringify(value);
  if (whole.length <= MAX_OUTPUT) return whole;
  let text = whole;
  for (const [longest, most] of STEPS) {
    text = JSON.stringify(cut(value, longest, most));
    if (text.length <= MAX_OUTPUT) return text;
  }
  // Quotes and backslashes become twice as long.
  const start = text.slice(0, (MAX_OUTPUT - AROUND) / 2);
  return JSON.stringify({ cut: `${text.length} characters; ask for less`, start });
}

function cut(value: unknown, longest: number, most: number): unknown {
  if (typeof value === 'string') {
    if (value.length <= longest) return value;
    return `${value.slice(0, longest)} … (cut: ${value.length} characters)`;
  }
  if (Array.isArray(value)) {
    const kept = value.slice(0, most).map((one) => cut(one, longest, most));
    return value.length <= most ? kept : [...kept, `… (cut: ${value.length} items)`];
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, cut(one, longest, most)]));
}
