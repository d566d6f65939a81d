import { decodeSegment } from './address.ts';

/**
 * The control token. It comes in the fragment of the address, which no browser sends, and is kept for this tab:
 * storage of a session belongs to one origin, port included, where a cookie would go to every program on localhost.
 */
const KEY = 'carvos.token';
const GIVEN = /^#token=(.+)$/;

/** Whether the address brings a token. */
export function bringsToken(): boolean {
  return GIVEN.test(window.location.hash);
}

/** Takes the token out of the address, where `carvos open` put it, and keeps it. `null` when there is none. */
export function takeToken(): string | null {
  const given = GIVEN.exec(window.location.hash)?.[1];
  if (given !== undefined) {
    window.history.replaceState(null, '', window.location.pathname + window.location.search);
    keepToken(decodeSegment(given));
  }
  return window.sessionStorage.getItem(KEY);
}

/** Keeps it; `null` forgets the one that was kept. */
export function keepToken(token: string | null): void {
  if (token === null) window.sessionStorage.removeItem(KEY);
  else window.sessionStorage.setItem(KEY, token);
}
