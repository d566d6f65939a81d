/** Exit codes that scripts depend on. `exec` ends with its child's instead. */
export const EXIT = {
  ok: 0,
  /** The receiver did not accept, or an expectation or probe does not hold. */
  notMet: 1,
  /** Usage, configuration or input file is wrong; or a running gateway is needed and there is none. */
  usage: 2,
  /** A signature does not verify. */
  signature: 3,
  /** The gateway answered, but not 2xx. */
  refused: 4,
  /** Refused connection, reset, DNS, TLS. */
  unreachable: 5,
  /** Gave up waiting. */
  timeout: 6,
  /** A bug in carvos. */
  bug: 70,
  interrupted: 130,
  terminated: 143,
} as const;

/**
 * Of several: the earlier it went wrong, the worse. Wrong input was never sent, then comes what did not
 * arrive, what was refused, what did not hold, and last what is not known yet.
 */
const WORST_FIRST: readonly number[] = [
  EXIT.usage,
  EXIT.unreachable,
  EXIT.refused,
  EXIT.notMet,
  EXIT.timeout,
  EXIT.ok,
];

export function worstExit(a: number, b: number): number {
  return WORST_FIRST.indexOf(a) < WORST_FIRST.indexOf(b) ? a : b;
}
