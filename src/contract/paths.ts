/** Where an ATS posts its events, each below its id. */
export const WEBHOOK_PATH = '/v1/webhooks/';

export function webhookPath(atsId: string): string {
  return WEBHOOK_PATH + encodeSegment(atsId);
}

/**
 * A name as one segment of a path. Also one that is no well-formed Unicode, as JSON can hold: it names nothing then,
 * and is no error.
 */
export function encodeSegment(name: string): string {
  return encodeURIComponent(name.toWellFormed());
}
