import * as z from 'zod';

/** A duration as it is written: `90s`, `1h30m`. @param example for the message. */
export const durationText = (example: string) =>
  z.string().regex(/^(?:[0-9]+(?:\.[0-9]+)?(?:ms|s|m|h|d))+$/, `must be a duration like ${example}`);

export const WebUrl = z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' });
