/** Where things are documented, for `documented` of a probe. */

const DOCS = 'carvos.carv.com/docs';

export const RECEIVING = `${DOCS}/webhooks/receiving`;
export const OUTGOING = `${DOCS}/webhooks/outgoing-events`;
export const AUTHENTICATION = `${DOCS}/getting-started/authentication-reference`;

/** Nothing readable says it. */
export const undocumented = (advice: string): string => `not documented by CarvOS; ${advice}`;
