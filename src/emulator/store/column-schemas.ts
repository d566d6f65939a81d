import * as z from 'zod';
import { Id } from '../../contract/entities.ts';
import { isRecord } from '../../contract/is-record.ts';
import { parseJson } from '../../contract/json.ts';

/** What a column of the database may hold. Messages never repeat the value: it may be a secret. */

/** Highest number of a row: 24 days at 1,000 events a second. Searches go through the numbers in windows. */
const MAX_SEQ = 2 ** 31 - 1;
/** The log shows when a record expires, and dates end some thousand years later. */
const MAX_WALL = Date.UTC(9000, 0);
/** Schedule time: three thousand years of it. */
const MAX_SCHEDULE_MS = 1e14;
/** A duration, summed up over five attempts and their delays. */
const MAX_DURATION_MS = 1e14;

const WHOLE = 'must be a whole number in its range';
const whole = (min: number, max: number) => z.int({ error: WHOLE }).min(min, WHOLE).max(max, WHOLE);

/** Number of a row. */
export const seq = whole(1, MAX_SEQ);
/** How often, how many, how large. */
export const count = whole(0, Number.MAX_SAFE_INTEGER);
/** 0 or 1. */
export const flag = whole(0, 1);
/** Step of the retry schedule. */
export const step = whole(1, 5);
/** Number of an attempt, and of a chunk. */
export const number = whole(0, 1_000_000_000);
export const status = whole(100, 999);
/** Wall time in milliseconds. */
export const wall = whole(0, MAX_WALL);
/** Wall time that the clock was moved against: it may lie before 1970. */
export const movedWall = whole(-MAX_SCHEDULE_MS, MAX_WALL);
/** Schedule time in milliseconds. */
export const due = whole(0, MAX_SCHEDULE_MS);

const DURATION = 'must be a number of milliseconds';
export const duration = z.number({ error: DURATION }).min(0, DURATION).max(MAX_DURATION_MS, DURATION);

/** Any text. */
export const text = z.string({ error: 'must be text' });
/** Something that was chosen by an ATS or by us, and names one thing. */
export const id = Id;
/** What travels in an HTTP header. */
export const header = text.regex(/^[\x21-\x7e]{1,255}$/, 'must be printable ASCII, up to 255 characters');
/** What we named ourselves. It stands in commands that are printed to be run. */
export const ownId = text.regex(/^[\w-]{1,255}$/, 'must be an id');
/** A recorded signature, sent as it is. */
export const signature = text.regex(/^[\x20-\x7e]{0,8192}$/, 'must be printable ASCII');

export const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, { error: 'must be bytes' });

export const oneOf = <const T extends readonly string[]>(names: T) =>
  z.enum(names, { error: `must be one of ${names.join(', ')}` });

/** An object with such values. Of its own record zod passes over `__proto__`, which in JSON is a name like any other. */
export const recordOf = (value: z.ZodType) =>
  z.custom((found) => isRecord(found) && Object.values(found).every((one) => value.safeParse(one).success));

const jsonBy = (parse: (value: string) => unknown) => (schema: z.ZodType) =>
  text.superRefine((value, context) => {
    const parsed = parse(value);
    if (parsed === undefined) context.addIssue({ code: 'custom', message: 'must be JSON' });
    else if (!schema.safeParse(parsed).success)
      context.addIssue({ code: 'custom', message: 'is JSON, but not of what belongs here' });
  });

/** JSON of what the schema says. */
export const json = jsonBy((value) => {
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
});
/** The same of a column that `readStoredJson` reads, which goes down a bounded number of levels. */
export const storedJson = jsonBy((value) => {
  const parsed = parseJson(Buffer.from(value));
  return parsed.ok ? parsed.value : undefined;
});
