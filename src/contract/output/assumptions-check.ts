import * as z from 'zod';
import { versioned } from '../control.ts';
import { Facts } from '../facts/facts.ts';

const Evidence = z.object({
  file: z.string(),
  at: z.string().describe('entry 3, line 5, request 2, or a pointer into an OpenAPI document'),
  field: z.string().describe('response.status, request.headers.X-Event'),
  seen: z.string(),
});

export const CheckedAssumption = z.object({
  id: z.string(),
  verdict: z.enum(['confirmed', 'refuted', 'not seen']),
  carvos: z.string().describe('What carvos does'),
  evidence: z.array(Evidence),
  facts: z
    .array(z.string())
    .describe('What a facts file says of it; empty where none can change what carvos does'),
});
export type CheckedAssumption = z.infer<typeof CheckedAssumption>;

/** Of `assumptions check`. */
export const AssumptionsCheckOutput = versioned({
  files: z.array(z.object({ file: z.string(), form: z.string(), requests: z.int().nullable() })),
  confirmed: z.int(),
  refuted: z.int(),
  not_seen: z.int(),
  assumptions: z.array(CheckedAssumption),
  unknown: z
    .array(
      z.object({
        kind: z.enum(['field', 'status', 'header', 'error body']),
        what: z.string(),
        file: z.string(),
        at: z.string(),
      }),
    )
    .describe('What the contract does not know'),
  facts: Facts.describe('What can be followed of what was refuted'),
  facts_file: z.string().nullable().describe('The file that was written'),
  open: z.array(z.string()).describe('Refuted, and not followed by the facts in force'),
});
export type AssumptionsChecked = z.infer<typeof AssumptionsCheckOutput>;
