import * as z from 'zod';
import { INCOMING_EVENTS } from './event-names.ts';
import { patternProblem } from './matcher.ts';
import { durationText, WebUrl } from './text-forms.ts';

/** What the config file says of the AI. */

const Name = z.string().min(1).max(255);
const Duration = durationText('"30s"');

const Pattern = z
  .string()
  .max(1000)
  .refine((text) => patternProblem(text) === null, 'must be a regular expression as JavaScript has them');

/** A value is a text, number, boolean or null that must be equal; or one of two tests. */
const Condition = z.union(
  [
    z.string(),
    z.number(),
    z.boolean(),
    z.null(),
    z.strictObject({ matches: Pattern }),
    z.strictObject({ exists: z.boolean() }),
  ],
  {
    error: 'must be a text, number, true, false, null, {"matches": "regular expression"} or {"exists": true}',
  },
);
export type AiCondition = z.infer<typeof Condition>;

const PATH = /^(entity|candidate|vacancy|request|cv|cv_text|client_id|ats_id|user_id|reference_id)(\.|\[|$)/;

const When = z.strictObject({
  event: z
    .enum(INCOMING_EVENTS, { error: `must be one of ${INCOMING_EVENTS.join(', ')}` })
    .optional()
    .describe('The incoming event'),
  clientId: Name.optional(),
  atsId: Name.optional(),
  id: Name.optional().describe('Of the candidate, vacancy or application that the event is about'),
  candidateId: Name.optional().describe('The candidate, or the one whose application it is'),
  vacancyId: Name.optional(),
  where: z
    .record(
      z
        .string()
        .regex(
          PATH,
          'must begin with entity, candidate, vacancy, request, cv, cv_text, client_id, ats_id, user_id or reference_id',
        ),
      Condition,
    )
    .optional()
    .describe('Any path of the job, such as entity.email or candidate.skills[0]'),
});

/** A rule of the stub, as the config file has it. Of several the first that matches is applied. */
export const AiRule = z
  .strictObject({
    name: Name.optional().describe('For the trace; numbered by default'),
    when: When.optional().describe('All must hold; without it the rule always matches'),
    data: z
      .record(z.string(), z.unknown())
      .optional()
      .describe('Laid over what the stub would say; {{entity.first_name}} is filled in from the job'),
    replace: z.boolean().optional().describe('data is all of the result, not laid over the stub'),
    fail: z
      .union([Name, z.strictObject({ code: Name, message: z.string().max(2000).optional() })])
      .optional()
      .describe('The AI fails with this code'),
    nothing: z.literal(true).optional().describe('The AI gives no result: no webhook follows'),
    delay: Duration.optional().describe('How long to wait first, in real time; at most 1h'),
  })
  .superRefine((rule, context) => {
    const ways = (['data', 'fail', 'nothing'] as const).filter((name) => rule[name] !== undefined);
    const wrong = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    if (ways.length > 1) wrong([ways[1]!], `does not go together with ${ways[0]}`);
    if (ways.length === 0 && rule.delay === undefined) wrong([], 'must say data, fail, nothing or delay');
    if (rule.replace !== undefined && rule.data === undefined) wrong(['replace'], 'is for data');
  });
export type AiRule = z.infer<typeof AiRule>;

/** Where a value lies in the stored job or answer: `entity.email`; `*` is one step, `**` any number. */
const Redaction = z
  .string()
  .regex(/^[A-Za-z0-9_*-]+(\.[A-Za-z0-9_*-]+)*$/, 'must be a path like entity.email, *.phone or **.email');

export const AI_MODES = ['stub', 'proxy', 'module'] as const;
export type AiMode = (typeof AI_MODES)[number];

const Count = (least: number, most: number) =>
  z.int().min(least, `must be from ${least} to ${most}`).max(most, `must be from ${least} to ${most}`);

export const AiConfig = z
  .strictObject({
    mode: z
      .enum(AI_MODES, { error: `must be one of ${AI_MODES.join(', ')}` })
      .optional()
      .describe('proxy where there is a url, module where there is a module, stub otherwise'),
    rules: z
      .array(AiRule)
      .max(1000)
      .optional()
      .describe('Asked before everything else; the first that matches is applied'),
    url: WebUrl.optional().describe('The AI service: each job is POSTed there'),
    secret: z
      .union([z.string().min(1), z.strictObject({ env: Name })], { error: 'must be text or {"env":"NAME"}' })
      .optional()
      .describe('What requests to the AI service are signed with; CARVOS_AI_SECRET by default'),
    gatewayUrl: WebUrl.optional().describe(
      'How the AI service reaches the gateway, for its links; the listener by default',
    ),
    timeout: Duration.optional().describe("Limit on the AI's answer; 60s by default"),
    callbackTimeout: Duration.optional().describe('Limit on the callback after a 202; 10m by default'),
    retries: Count(0, 10).optional().describe('After a 429, a 5xx or no connection; 3 by default'),
    backoff: Duration.optional().describe('Before the first retry, doubled each time; 500ms by default'),
    concurrency: Count(1, 256).optional().describe('Jobs at the AI service at once; 64 by default'),
    module: z.string().min(1).optional().describe('A JavaScript file of yours that exports process(job)'),
    record: z.string().min(1).optional().describe('Folder to store jobs and answers in'),
    playback: z.string().min(1).optional().describe('Folder to answer from'),
    playbackOrStub: z.boolean().optional().describe('Jobs without a recording go to the stub'),
    redact: z
      .array(Redaction)
      .optional()
      .describe('What of a stored job is left out; names and contact data by default'),
    redactAnswer: z
      .array(Redaction)
      .optional()
      .describe('What of a stored answer is left out; nothing by default'),
  })
  .superRefine((ai, context) => {
    const wrong = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (ai.mode === 'module' && ai.module === undefined) wrong('mode', 'is module: say which in "module"');
    if (ai.playbackOrStub !== undefined && ai.playback === undefined)
      wrong('playbackOrStub', 'is for playback');
    if (ai.record !== undefined && ai.playback !== undefined)
      wrong('record', 'does not go together with playback');
  });
export type AiConfig = z.infer<typeof AiConfig>;

/** The shapes below `ai`, for suggestions where a key is unknown. */
export const AI_SHAPES: Record<string, Record<string, unknown>> = {
  ai: AiConfig.shape,
  'ai.rules': AiRule.shape,
  'ai.rules.when': When.shape,
};
