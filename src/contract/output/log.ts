import * as z from 'zod';
import { DeliveryDetail, LogItem, LogRecordDetail, versioned } from '../control.ts';
import type { Document } from './common.ts';

/** Output of the commands that look at the delivery log. */

/** `deliveries --follow`: an attempt a line; those that were there already have their place in the log. */
export const FollowOutput = versioned({ ...LogItem.shape, cursor: LogItem.shape.cursor.optional() });

const Attempt = versioned(LogRecordDetail.shape);

/** `deliveries show`: a delivery with its attempts, or the one attempt that was named. */
export const ShowOutput = z.union([versioned(DeliveryDetail.shape), Attempt]);
export const CurlOutput = Attempt.extend({
  curl: z.string().describe('A command for a POSIX shell that sends the same bytes'),
});

export const ReportOutput = versioned({ reference_id: z.string(), markdown: z.string() });

const pair = <T extends z.ZodType>(value: T) => z.object({ before: value, after: value });
const Side = z.object({ id: z.string(), attempt: z.string().nullable() });

const Scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
export const FieldChange = z.object({ field: z.string(), before: Scalar, after: Scalar });
export type FieldChange = z.infer<typeof FieldChange>;

const ValueChange = z.object({
  path: z.string(),
  change: z.enum(['changed', 'added', 'removed']),
  before: z.string().optional().describe('JSON, as text: exact also for long numbers'),
  after: z.string().optional(),
});
export type ValueChange = z.infer<typeof ValueChange>;

const SpellingChange = z.object({
  kind: z.enum(['key order', 'duplicate keys', 'number spelling', 'escapes', 'whitespace']),
  path: z.string(),
  before: z.string(),
  after: z.string(),
});
export type SpellingChange = z.infer<typeof SpellingChange>;

const BodyComparison = z.object({
  equal_bytes: z.boolean(),
  equal_json: z.boolean().nullable().describe('null when one of them is not JSON'),
  sha256: pair(z.string()),
  bytes: pair(z.int()),
  values: z.array(ValueChange),
  spelling: z.array(SpellingChange).describe('Only where the JSON is equal and the bytes are not'),
  first_difference: z
    .object({ offset: z.int(), before: z.string(), after: z.string() })
    .nullable()
    .describe('Where the bytes part; null when they do not'),
});
export type BodyComparison = z.infer<typeof BodyComparison>;

const SignatureVerdict = z.object({
  t: z.number().nullable().describe('Unix seconds'),
  age_s: z.number().nullable().describe('Seconds between t and the attempt'),
  verdict: z
    .string()
    .describe('valid, a reason why not, unsigned, or unchecked where no secret is configured'),
});
export type SignatureVerdict = z.infer<typeof SignatureVerdict>;

export const DiffOutput = versioned({
  before: Side,
  after: Side,
  same: z.boolean().describe('Nothing differs but times and signatures'),
  fields: z.array(FieldChange),
  request_headers: z.array(FieldChange),
  response_headers: z.array(FieldChange),
  body: BodyComparison,
  response_body: pair(z.string().nullable()).nullable().describe('null when the answers are equal'),
  signature: pair(SignatureVerdict.nullable()).extend({
    t_difference_s: z.number().nullable().describe('Seconds from the first t to the second'),
    same_secret: z.boolean().nullable().describe('null when it is not known'),
  }),
  timing: z.object({
    occurred_at: pair(z.string().nullable()),
    apart_ms: z.number().nullable(),
    duration_ms: pair(z.number().nullable()),
    production_ms: pair(z.number().nullable()),
  }),
});
/** What differs between two deliveries or attempts. */
export type Comparison = Document<z.infer<typeof DiffOutput>>;
