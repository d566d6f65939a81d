import * as z from 'zod';
import { Trace } from '../control.ts';
import { EVENT_DIRECTIONS } from '../event-names.ts';

/**
 * What commands print with `--json` besides the control API's own shapes. The build writes JSON Schemas
 * from these; commands use the types alone, because the light ones must not load zod.
 */

/** What a command hands over: the version is added where it is printed. */
export type Document<T> = T extends { version: unknown } ? Omit<T, 'version'> : never;

export const Direction = z.enum(EVENT_DIRECTIONS);

/** Bytes as a command saw them. */
export const BodyText = z.object({
  text: z.string(),
  encoding: z.enum(['utf8', 'base64']).describe('base64 where the bytes are not UTF-8'),
  bytes: z.int().describe('Length of the whole body'),
});

export const SecretUsed = z.object({
  fingerprint: z.string().describe('Never the value'),
  origin: z.string().describe('--secret, a variable, the config file, or default'),
});

export const WaitEnd = z.object({
  done: z.boolean().describe('The condition holds, or no longer can'),
  met: z.boolean(),
});

/** Why a delivery did not get through. */
export const Why = z
  .string()
  .nullable()
  .describe('Why the last attempt failed, in a line; null when it was delivered, or nothing was tried');

/** What was waited for; there only where a command waited. */
export const waited = {
  job: Trace.shape.job.optional(),
  deliveries: z.array(Trace.shape.deliveries.element.extend({ why: Why })).optional(),
};
