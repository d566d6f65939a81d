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

/**
 * What stands in the headers of an event besides its signature, as far as HTTP allows it: whoever sends may have made it up.
 *
 * @param test whether it is marked as a test event.
 * @param eventHeader the header that names the event, where facts say that it is another one.
 */
export function headersOfEvent(
  { event, reference_id }: { event?: unknown; reference_id?: unknown },
  {
    version,
    test,
    eventHeader = EVENT_HEADER,
  }: { version: string; test: boolean; eventHeader: string | undefined },
): Record<string, string> {
  const named = Object.entries({ [eventHeader]: event, [CAUSATION_HEADER]: reference_id }).filter(
    (one): one is [string, string] => typeof one[1] === 'string' && /^[\x21-\x7e]+$/.test(one[1]),
  );
  return {
    'Content-Type': OUTGOING_CONTENT_TYPE,
    'User-Agent': userAgent(version),
    ...Object.fromEntries(named),
    ...(test && { [TEST_HEADER]: 'true' }),
  };
}
