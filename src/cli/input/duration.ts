import { CliError } from '../terminal/errors.ts';

const UNIT_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const WHOLE = /^(?:[0-9]+(?:\.[0-9]+)?(?:ms|s|m|h|d))+$/;

/**
 * Reads `90s`, `5m`, `1h30m`, `250ms`.
 *
 * @param name the flag or field, for the error.
 * @returns milliseconds.
 * @throws CliError (exit 2).
 */
export function parseDuration(text: string, name: string): number {
  const trimmed = text.trim();
  if (!WHOLE.test(trimmed)) {
    throw new CliError(`${name}: ${JSON.stringify(text)} is not a duration`, {
      next: 'write it like 90s, 5m, 2h or 1h30m',
    });
  }
  let total = 0;
  for (const [, amount, unit] of trimmed.matchAll(/([0-9.]+)(ms|s|m|h|d)/g)) {
    total += Number(amount) * UNIT_MS[unit!]!;
  }
  return total;
}
