import * as z from 'zod';
import { FASTEST_SPEED, SLOWEST_SPEED } from './limits.ts';
import { CREDENTIALS } from './portal.ts';
import { durationText } from './text-forms.ts';

/** A scenario: a flow as a file. Its strings may hold `${name}`, which is filled in before a step runs. */

const Duration = durationText('"500ms" or "2h36m"');
const Fields = z.record(z.string(), z.unknown());
const Expectations = Fields.describe('What must hold, as values and matchers: {"data.score": {"gte": 40}}');
const Save = z
  .record(z.string().regex(/^[A-Za-z_]\w*$/, 'must be a name of letters, digits and _'), z.string())
  .describe('Variables for later steps, each from a path of what the step got: {"score": "data.score"}');

/** What every step may have beside what it does. */
const common = {
  name: z.string().optional().describe('What it is called in reports'),
  timeout: Duration.optional().describe('How long to wait for what is expected; 30s by default'),
};
const outcome = { expect: Expectations.optional(), save: Save.optional() };

const step = <S extends z.ZodRawShape>(shape: S) => z.strictObject({ ...shape, ...common });

/** Each kind of step by the key that names it; what it does is what the command of that name does. */
export const STEPS = {
  send: step({
    send: z.string().describe('An incoming event, of which a sample is sent, or a file'),
    set: Fields.optional().describe('Fields of the body by their paths'),
    via: z.enum(['webhook', 'rest']).optional(),
    cv: z.string().optional().describe('A PDF, DOC or DOCX that is uploaded first'),
    misbehave: z.string().optional().describe('Spoils one thing: a fault of `send --fault`'),
    status: z.int().optional().describe('What the gateway has to answer; any 2xx by default'),
    ...outcome,
  }),
  trigger: step({
    trigger: z.string().describe('An outgoing event, sent once as a test event'),
    set: Fields.optional(),
    ...outcome,
  }),
  meeting: step({
    meeting: z
      .strictObject({
        application_id: z.string().optional(),
        candidate_id: z.string().optional(),
        vacancy_id: z.string().optional(),
        transcript: z.string().optional(),
      })
      .describe('A meeting that happens now'),
    ...outcome,
  }),
  replay: step({ replay: z.string().describe('A delivery'), to: z.string().optional(), ...outcome }),
  fault: step({ fault: Fields.describe('A rule, as the control API takes it'), save: Save.optional() }),
  clear: step({
    clear: z.union([z.literal(true), z.string()]).describe('Every fault of this scenario, or one by its id'),
  }),
  clock: step({
    clock: z.union([
      z.enum(['pause', 'resume', 'next', 'drain']),
      z.strictObject({ advance: Duration }),
      z.strictObject({
        speed: z.union([z.number().min(SLOWEST_SPEED).max(FASTEST_SPEED), z.enum(['max', 'manual'])]),
      }),
    ]),
  }),
  rerun: step({ rerun: z.string().describe('A failed job, or the reference_id of its event'), ...outcome }),
  expect: step({ expect: Expectations, save: Save.optional() }),
  none: step({
    none: z
      .object({
        for: Duration.optional().describe('How long of real time; 500ms by default'),
        advance: Duration.optional().describe('How long of schedule time: the clock is moved on'),
      })
      .catchall(z.unknown())
      .describe('A delivery that must not be there'),
  }),
  request: step({
    request: z.string().regex(/^[A-Z]+ \S+$/, 'must be like "GET http://localhost:3000/x"'),
    headers: z.record(z.string(), z.string()).optional(),
    body: z.unknown().optional(),
    ...outcome,
  }),
  run: step({ run: z.string().describe('A shell command, with the environment of `exec`'), ...outcome }),
  rotate: step({ rotate: z.enum(CREDENTIALS), save: Save.optional() }),
  snapshot: step({ snapshot: z.string().describe('A file that the whole state is saved in') }),
} as const;

export type StepKind = keyof typeof STEPS;
export const STEP_KINDS = Object.keys(STEPS) as StepKind[];

export type StepOf<K extends StepKind> = z.infer<(typeof STEPS)[K]>;

/** The kind of a step: `expect` also stands beside others. `null` where nothing names one. */
export function kindOf(value: object): StepKind | null {
  const named = STEP_KINDS.filter((kind) => kind !== 'expect' && Object.hasOwn(value, kind));
  if (named.length > 0) return named[0]!;
  return Object.hasOwn(value, 'expect') ? 'expect' : null;
}

/** A whole file. Which kind a step is, is decided by its key; each is checked by its own schema. */
export const Scenario = z.strictObject({
  $schema: z.string().optional(),
  name: z.string().min(1).optional(),
  vars: Fields.optional().describe('Variables; run.id, run.folder, env.NAME and now are always there'),
  steps: z.array(z.union(Object.values(STEPS))).min(1),
});

export interface ScenarioFile {
  /** As it was named. */
  file: string;
  name: string;
  vars: Record<string, unknown>;
  steps: ScenarioStep[];
}

export interface ScenarioStep {
  kind: StepKind;
  value: Record<string, unknown>;
  /** One-based, of the file. */
  line: number;
}
