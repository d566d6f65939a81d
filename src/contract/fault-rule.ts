import * as z from 'zod';
import { INCOMING_EVENTS, OUTGOING_EVENTS } from './event-names.ts';
import {
  actsAt,
  DELAY_KINDS,
  FAULT_KINDS,
  FAULT_POINTS,
  type FaultKind,
  type FaultPoint,
  MAX_FAULT_DELAY_MS,
  STATUS_KINDS,
} from './faults.ts';
import { durationText } from './text-forms.ts';

const DELAY_RANGE = 'must be above 0 and at most 10 minutes';

/** What a rule says in the control API and in the config file alike. */
const common = () => ({
  id: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'must be up to 64 letters, digits, - and _')
    .optional()
    .describe('Its name, for clearing it; it is part of the decision. Numbered by default'),
  kind: z.enum(FAULT_KINDS, { error: `must be one of ${FAULT_KINDS.join(', ')}` }),
  on: z
    .enum(FAULT_POINTS)
    .default('delivery')
    .describe(
      'delivery: outgoing webhooks to your receiver. ingress: what your ATS sends. ai: attempts at the AI',
    ),
  event: name().describe('Only this event'),
  share: z.number().gt(0).max(1).optional().describe('The share of what matches; all by default'),
  first: z
    .int()
    .min(1)
    .max(1000)
    .optional()
    .describe('How many of the first attempts of each event: fail first, then recover'),
  count: z
    .int()
    .min(1)
    .max(1_000_000_000)
    .optional()
    .describe('How many times in all; which ones depends on the order of events'),
});

const name = () => z.string().min(1).max(255).optional();

const retryAfter = () =>
  z.int().min(0).max(86_400).optional().describe('Retry-After in seconds; 1 on a status-429 by default');

/** A rule, as the control API takes it. Built when first used, as most gateways have no rule. */
export const FaultRule = z.lazy(() =>
  z
    .strictObject({
      ...common(),
      client_id: name(),
      ats_id: name(),
      delay_ms: z.int().min(1, DELAY_RANGE).max(MAX_FAULT_DELAY_MS, DELAY_RANGE).optional(),
      retry_after: retryAfter(),
    })
    .superRefine((rule, context) => {
      checkRule(
        { ...rule, delay: rule.delay_ms, retryAfter: rule.retry_after },
        'delay_ms',
        'retry_after',
        context,
      );
    }),
);
export type FaultRule = z.infer<typeof FaultRule>;
/** A rule before defaults are filled in. */
export type FaultRuleInput = z.input<typeof FaultRule>;

/** A rule, as the config file has it. */
export const ConfigFault = z.lazy(() =>
  z
    .strictObject({
      ...common(),
      clientId: name(),
      atsId: name(),
      delay: durationText('"2s"')
        .optional()
        .describe('How long reorder, delay and slow hold up, in real time; 2s by default, at most 10m'),
      retryAfter: retryAfter(),
    })
    .superRefine((rule, context) => checkRule(rule, 'delay', 'retryAfter', context)),
);
export type ConfigFault = z.infer<typeof ConfigFault>;

interface Checked {
  kind: FaultKind;
  on: FaultPoint;
  event?: string | undefined;
  delay?: unknown;
  retryAfter?: unknown;
}

/** What one field alone cannot tell: a rule that could never act is a mistake. */
function checkRule(rule: Checked, delayName: string, retryAfterName: string, context: z.RefinementCtx): void {
  const wrong = (field: string, message: string) =>
    context.addIssue({ code: 'custom', path: [field], message });
  if (!actsAt(rule.kind, rule.on)) {
    const places = FAULT_POINTS.filter((point) => actsAt(rule.kind, point));
    wrong('on', `${rule.kind} can act on ${places.join(' and ')} only`);
  }
  const events: readonly string[] = rule.on === 'delivery' ? OUTGOING_EVENTS : INCOMING_EVENTS;
  if (rule.event !== undefined && !events.includes(rule.event)) {
    const direction = rule.on === 'delivery' ? 'outgoing' : 'incoming';
    wrong(
      'event',
      `${rule.event} is not an ${direction} event (ATS ${direction === 'incoming' ? '→' : '←'} CarvOS)`,
    );
  }
  if (rule.delay !== undefined && !DELAY_KINDS.includes(rule.kind)) {
    wrong(delayName, `is for ${DELAY_KINDS.join(', ')}`);
  }
  if (rule.retryAfter !== undefined && !STATUS_KINDS.includes(rule.kind)) {
    wrong(retryAfterName, `is for ${STATUS_KINDS.join(', ')}`);
  }
}
