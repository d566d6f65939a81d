/** What was looked at, and how it is. */
export interface Finding {
  check: string;
  /** `skipped` where it could not be judged: a receiver that does not run is no fault of the installation. */
  state: 'ok' | 'wrong' | 'skipped';
  what: string;
  /** What to do about it, where it is wrong. */
  mend?: string;
}

export const ok = (check: string, what: string): Finding => ({ check, state: 'ok', what });
export const skipped = (check: string, what: string): Finding => ({ check, state: 'skipped', what });
export const wrong = (check: string, what: string, mend: string): Finding => ({
  check,
  state: 'wrong',
  what,
  mend,
});
