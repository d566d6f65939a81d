// Captured at import, so that a test suite's fake timers cannot freeze the emulator.
const performanceNow = performance.now.bind(performance);

const dateNow = Date.now.bind(Date);

/** Wall-clock milliseconds; every time on the wire and in the log. */
export function wallNow(): number {
  return dateNow();
}

/** Milliseconds from an arbitrary point, never stepping back; for durations. */
export function monotonicNow(): number {
  return performanceNow();
}

export function iso(wall: number): string {
  return new Date(wall).toISOString();
}
