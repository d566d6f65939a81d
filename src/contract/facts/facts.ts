import * as z from 'zod';
import type { AssumptionId } from '../assumptions.ts';
import type { GatewayErrorCode } from '../errors.ts';
import { parseJson } from '../json.ts';
import { formatPath } from '../json-path.ts';

// What the real gateway was seen to do where carvos assumes something else. Names of fields and headers, statuses and
// ranges: nothing that somebody said, so that the file can be committed.

/** A name as programs write it: ids, addresses and keys, which some bodies have as names, are none. */
export const FIELD_NAME = /^(?!.*[0-9]{3})[A-Za-z][A-Za-z0-9_]{0,39}$/;
const fieldName = () => z.string().regex(FIELD_NAME, 'is not the name of a field');

/** Those mean something already, or are HTTP's own. */
const TAKEN =
  /^(?:host|connection|content-.*|transfer-encoding|expect|te|trailer|upgrade|user-agent|cookie|authorization|x-webhook-signature|x-carv-causation-id|x-carvos-test)$/i;
export const isEventHeader = (name: string): boolean =>
  /^[A-Za-z][A-Za-z0-9-]{0,63}$/.test(name) && !TAKEN.test(name);

/** The refusals whose status CarvOS does not document. */
export const ASSUMED_REFUSALS = {
  invalid_signature: 'answer-401-signature',
  unknown_ats: 'answer-404-unknown-ats',
  workspace_not_found: 'unprovisioned-workspace',
  workspace_provisioning: 'unprovisioned-workspace',
  workspace_exists: 'answer-409',
  event_id_conflict: 'answer-409',
  idempotency_key_conflict: 'idempotency-key',
  validation: 'answer-422-form',
  body_too_large: 'body-limit',
  file_too_large: 'upload-limits',
  unsupported_media_type: 'upload-limits',
  entity_not_found: 'rest-reads',
  not_found: 'other-refusals',
  method_not_allowed: 'other-refusals',
} as const satisfies Partial<Record<GatewayErrorCode, AssumptionId>>;
export type AssumedRefusal = keyof typeof ASSUMED_REFUSALS;

/** What stands for a value of each refusal; everything else is sent as it stands. */
export const PLACEHOLDERS = ['$code', '$message', '$status', '$field'] as const;

/** A refusal's body: an object or list, with placeholders. A list's one entry is repeated for each problem. */
export type ErrorShape =
  | (typeof PLACEHOLDERS)[number]
  | ''
  | 0
  | boolean
  | null
  | [ErrorShape]
  | { [name: string]: ErrorShape };
const ErrorShape: z.ZodType<ErrorShape> = z.lazy(() =>
  z.union(
    [
      z.enum(PLACEHOLDERS),
      z.literal(['', 0, false, true, null]),
      z.tuple([ErrorShape]),
      z.record(fieldName(), ErrorShape),
    ],
    { error: `must be an object, a list of one, ${PLACEHOLDERS.join(', ')}, "", 0, true, false or null` },
  ),
);

const FIELD_TYPES = ['text', 'number', 'boolean', 'list', 'object', 'null'] as const;
export type FieldType = (typeof FIELD_TYPES)[number];
const fields = () => z.record(fieldName(), z.enum(FIELD_TYPES)).optional();

const bound = () => z.number().min(-1e6).max(1e6);
const status = () => z.int().min(400, 'must be a status from 400 to 599').max(599).optional();

/**
 * The content of `carvos.facts.json`: names, statuses and ranges that replace those of assumptions. Built when first used,
 * as most gateways have none.
 */
export const Facts = z.lazy(() =>
  z.strictObject({
    version: z.literal(1, { error: 'must be 1: this is no facts file of this carvos' }),
    eventHeader: z
      .string()
      .refine(isEventHeader, 'is no header that can carry the event')
      .optional()
      .describe('The header of an outgoing webhook that names its event'),
    statuses: z
      .strictObject(
        Object.fromEntries(Object.keys(ASSUMED_REFUSALS).map((code) => [code, status()])) as Record<
          AssumedRefusal,
          ReturnType<typeof status>
        >,
      )
      .optional()
      .describe('The status of a refusal'),
    errors: z
      .strictObject({
        refusal: ErrorShape.optional().describe('Of every refusal that lists no problems'),
        validation: ErrorShape.optional().describe('Of those that do'),
      })
      .optional()
      .describe('The body of refusals'),
    cvField: fieldName()
      .optional()
      .describe('The field of candidates and applications that references a file'),
    score: z
      .strictObject({ min: bound(), max: bound(), whole: z.boolean() })
      .refine(({ min, max }) => min < max, 'min must be below max')
      .optional()
      .describe('The range of the score'),
    fields: z
      .strictObject({ candidate: fields(), vacancy: fields(), application: fields(), envelope: fields() })
      .optional()
      .describe('Fields that outgoing events have besides those known'),
  }),
);
export type Facts = z.infer<typeof Facts>;

/** More of them help nobody. */
const MOST_PROBLEMS = 20;

export interface FactsProblem {
  /** One-based. */
  line: number;
  message: string;
}

/**
 * Reads the text of a facts file.
 *
 * @returns the facts, or what is wrong with the text, by line.
 */
export async function parseFacts(
  text: string,
): Promise<{ ok: true; facts: Facts } | { ok: false; problems: FactsProblem[] }> {
  // Its depth is bounded there, so that the schema may recurse.
  const parsed = parseJson(Buffer.from(text), 'plain');
  if (!parsed.ok) {
    const { findJsonProblem } = await import('../json-position.ts');
    const { line, message } = findJsonProblem(text);
    return { ok: false, problems: [{ line, message: `not valid JSON: ${message}` }] };
  }
  const result = Facts.safeParse(parsed.value);
  if (result.success) return { ok: true, facts: result.data };
  const { locateIssues } = await import('../json-position.ts');
  const problems = locateIssues(text, result.error.issues).map(({ path, line, message, unknown }) => ({
    line,
    message: unknown
      ? `there is no field ${JSON.stringify(path.at(-1))} here`
      : `${formatPath(path)}: ${message}`,
  }));
  return { ok: false, problems: problems.slice(0, MOST_PROBLEMS) };
}
