/** A duration as it is shown, in milliseconds: to a tenth, beyond which the event loop's own delays decide. */
export function roundMs(ms: number): number {
  return Math.round(ms * 10) / 10;
}
