import * as z from 'zod';
import { FeedEntry, StatusView, Trace, versioned, WorkspaceView } from '../control.ts';
import { RotateResult } from '../portal.ts';
import { Direction, type Document } from './common.ts';

/** Output of the commands that run, set up, configure and change a gateway. */

export const InitOutput = versioned({
  config: z.string().describe('Path of the config file'),
  env: z.string().describe('Path of .env'),
  gitignore_added: z.array(z.string()),
  ats_id: z.string(),
});

export const KitOutput = versioned({
  kit: z.string(),
  files: z.array(z.string()).describe('Paths within the folder'),
  next: z.string().describe('How to run them'),
});

const Ready = versioned({
  type: z.literal('ready'),
  url: z.string(),
  ats: z.array(z.object({ id: z.string(), webhook_url: z.string().nullable() })),
  pid: z.int(),
});

/** `dev`: first `ready`, then what happens. */
export const DevOutput = z.discriminatedUnion('type', [
  Ready,
  ...FeedEntry.options.map((entry) => versioned(entry.shape)),
] as unknown as [typeof Ready]);

/** `exec`: at the end, on standard error. */
export const ExecOutput = versioned({
  exit_code: z.int(),
  deliveries: StatusView.shape.deliveries,
  unfinished_jobs: z.int().describe('AI jobs that were still open a second after the command had ended'),
  to_built_in_receiver: z
    .int()
    .describe('Events that went to the built-in receiver, for want of a webhook URL'),
  refused: z.int().describe('Requests that the gateway refused'),
  assumptions: z.array(z.string()).describe('Ids of those that were relied on'),
  echoes: Trace.shape.echoes.describe('Only where an echo loop ended the run: its chain'),
});
/** `exec --soak`: at the end, on standard error. */
export const SoakOutput = versioned({
  rounds: z.int(),
  failed: z.int().describe('Rounds whose command failed, or in which a delivery was exhausted'),
  accepted: z.int(),
  delivered: z.int(),
  exhausted: z.int(),
  unfinished: z.int().describe('Deliveries and AI jobs that were open when the command ended'),
  duplicates: z.int().describe('Requests beyond the first that reached the receiver with one event_id'),
  answers_ms: z.object({
    count: z.int(),
    p50: z.number().nullable(),
    p99: z.number().nullable(),
  }),
  elapsed_ms: z.int(),
  first_failing_seed: z.int().nullable(),
  echoes: Trace.shape.echoes.describe('Only where an echo loop ended the soak: its chain'),
});
export type SoakDocument = Document<z.infer<typeof SoakOutput>>;

const StepReport = z.object({
  title: z.string().describe('`2 send candidate.created`, or its name'),
  line: z.int().describe('Of the file, one-based'),
  ok: z.boolean(),
  duration_ms: z.number(),
  text: z.string().describe('What was done, or what does not hold'),
  lines: z.array(z.string()).describe('Of a failure: what was expected and what there is'),
  why: z.array(z.string()).describe('Of a failure: why the gateway or a receiver refused, as `dev` says it'),
  trace: z.array(z.string()).describe('Of a failure: what `carvos trace` says of the reference'),
  reference_id: z.string().nullable(),
  exit_code: z.int(),
});
export type StepReport = z.infer<typeof StepReport>;

const ScenarioReport = z.object({
  file: z.string(),
  name: z.string(),
  ok: z.boolean(),
  duration_ms: z.number(),
  steps: z.array(StepReport),
  skipped: z.int().describe('Steps after the one that failed'),
  exit_code: z.int(),
});
export type ScenarioReport = z.infer<typeof ScenarioReport>;

/** `run`: what became of each scenario. */
export const ScenariosOutput = versioned({
  passed: z.int(),
  failed: z.int(),
  scenarios: z.array(ScenarioReport),
});
export type ScenariosDocument = Document<z.infer<typeof ScenariosOutput>>;

/** `run --record`: what was written. */
export const RecordOutput = versioned({
  files: z.array(z.string()).describe('The scenario, and the bodies beside it'),
  steps: z.int(),
});

/** `open`: where the page is; the token is in no output for programs. */
export const OpenOutput = versioned({ url: z.string(), opened: z.boolean() });

/** `doctor`: what was looked at, and how it is. */
export const DoctorOutput = versioned({
  ok: z.boolean().describe('Whether nothing is wrong'),
  findings: z.array(
    z.object({
      check: z
        .enum(['node', 'database', 'versions', 'proxy', 'config', 'folder', 'gateway', 'port', 'clock'])
        .describe('What was looked at'),
      state: z.enum(['ok', 'wrong', 'skipped']).describe('`skipped` where it could not be judged'),
      what: z.string(),
      mend: z.string().optional().describe('What to do, where it is wrong'),
    }),
  ),
});

export type RunDocument = Document<z.infer<typeof ExecOutput>>;

export const EnvOutput = versioned({
  env: z.object({
    CARVOS_URL: z.string(),
    CARVOS_ATS_ID: z.string(),
    CARVOS_API_KEY: z.string(),
    CARVOS_INCOMING_SECRET: z.string(),
    CARVOS_OUTGOING_SECRET: z.string(),
    CARVOS_CA_FILE: z.string().optional().describe('Where the gateway speaks HTTPS'),
    NODE_EXTRA_CA_CERTS: z.string().optional(),
    SSL_CERT_FILE: z.string().optional(),
    CURL_CA_BUNDLE: z.string().optional(),
    REQUESTS_CA_BUNDLE: z.string().optional(),
  }),
});

export const CompletionOutput = versioned({ shell: z.enum(['bash', 'zsh', 'fish']), script: z.string() });

const SettingValue = z.union([z.string(), z.number(), z.null(), z.array(z.string())]);
const Setting = z.object({
  field: z.string().describe('port, ats.demo-ats.webhookUrl'),
  value: SettingValue.describe('null when it is not set, and of every secret'),
  value_fingerprint: z.string().nullable().optional().describe('Of a secret; null when it is not set'),
  origin: z.string().describe('A flag, a variable, carvos.config.json, default'),
  running: SettingValue.optional().describe('What the running gateway has, where that differs'),
  running_fingerprint: z.string().optional().describe('The same of a secret'),
});
export type SettingValue = z.infer<typeof SettingValue>;
/** One value in force, as a command would use it. */
export type Setting = z.infer<typeof Setting>;

export const ConfigShowOutput = versioned({
  config_file: z.string().nullable(),
  env_file: z.string().nullable(),
  settings: z.array(Setting),
  running: z
    .object({ url: z.string(), other_ats: z.array(z.string()).describe('Only in its database') })
    .nullable(),
});

export const RotateOutput = RotateResult.extend({
  variable: z.string().nullable().describe('The variable that sets this credential'),
  env_file: z.string().nullable().describe('Where it was written, with --write-env'),
});

export const SnapshotSaveOutput = versioned({
  file: z.string(),
  bytes: z.int(),
  secrets: z.boolean().describe('Whether it holds them'),
});

export const WorkspaceListOutput = versioned({ items: z.array(WorkspaceView) });

export const FaultClearOutput = versioned({ cleared: z.array(z.string()) });

const anyObject = z.record(z.string(), z.unknown());
const about = { event: z.string(), direction: Direction };

export const EventsOutput = versioned({
  events: z.array(
    z.object({
      ...about,
      summary: z.string(),
      sample: anyObject.optional().describe('Where an event was named'),
      schema: anyObject.optional().describe('The JSON Schema of its body, where an event was named'),
    }),
  ),
});
export const EventSampleOutput = versioned({ ...about, sample: anyObject });
export const EventSchemaOutput = versioned({ ...about, schema: anyObject });
