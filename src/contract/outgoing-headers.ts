// Apart from the schemas, so that what only sends needs no zod.
/** Headers of an outgoing webhook besides Content-Type and the signature (contract, section 5). */
export const CAUSATION_HEADER = 'X-Carv-Causation-ID';
export const EVENT_HEADER = 'X-Carv-Event';
/** `true` on test events, as the portal sends them; absent otherwise. */
export const TEST_HEADER = 'X-CarvOS-Test';
export const OUTGOING_CONTENT_TYPE = 'application/json';

/** The `User-Agent` of everything that carvos sends. */
export function userAgent(version: string): string {
  return `carvos/${version}`;
}

/** Whole seconds with a `Z`, as in the documentation's example. */
export function formatTimestamp(time: Date | number): string {
  return new Date(time).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
