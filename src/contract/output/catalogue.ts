import type * as z from 'zod';
import { CheckReport, ProbeList } from '../check.ts';
import {
  AssumptionList,
  AtsView,
  ClockMove,
  ClockView,
  ListedJob,
  LogPage,
  page,
  StatusView,
  Trace,
  versioned,
  WorkspaceView,
} from '../control.ts';
import { FaultList, FaultView } from '../fault-rule.ts';
import { AuditEntry } from '../portal.ts';
import { AssumptionsCheckOutput } from './assumptions-check.ts';
import { CurlOutput, DiffOutput, FollowOutput, ReportOutput, ShowOutput } from './log.ts';
import {
  CompletionOutput,
  ConfigShowOutput,
  DevOutput,
  DoctorOutput,
  EnvOutput,
  EventSampleOutput,
  EventSchemaOutput,
  EventsOutput,
  ExecOutput,
  FaultClearOutput,
  InitOutput,
  KitOutput,
  OpenOutput,
  RecordOutput,
  RotateOutput,
  ScenariosOutput,
  SnapshotSaveOutput,
  SoakOutput,
  WorkspaceListOutput,
} from './running.ts';
import {
  MeetingOutput,
  ReplayOutput,
  SendOutput,
  SentEvent,
  TriggerOutput,
  UnsentOutput,
} from './sending.ts';
import { ListenOutput, SignOutput, VerifyOutput } from './signatures.ts';

/** What some commands print with `--json`, and what its JSON Schema is called. */
export interface OutputShape {
  /** The file is NAME.schema.json. */
  name: string;
  title: string;
  /** Who prints it: the whole name of a command, with the flag that brings this form. */
  commands: readonly string[];
  /** One object a line, as it happens, instead of one document. */
  lines?: true;
  schema: z.ZodType;
}

/** Every form of output there is. A test runs each command and fails where one prints something else. */
export const OUTPUTS: readonly OutputShape[] = [
  { name: 'init', title: 'Files that were written', commands: ['init'], schema: InitOutput },
  { name: 'kit', title: 'Files of a kit that were written', commands: ['init --kit'], schema: KitOutput },
  {
    name: 'dev',
    title: 'What happens in the gateway, after a line that says where it is',
    commands: ['dev'],
    lines: true,
    schema: DevOutput,
  },
  { name: 'exec', title: 'How a run ended, on standard error', commands: ['exec'], schema: ExecOutput },
  {
    name: 'soak',
    title: 'What a soak came to, on standard error',
    commands: ['exec --soak'],
    schema: SoakOutput,
  },
  { name: 'run', title: 'What became of each scenario', commands: ['run'], schema: ScenariosOutput },
  {
    name: 'recorded',
    title: 'The scenario that was written',
    commands: ['run --record'],
    schema: RecordOutput,
  },
  { name: 'doctor', title: 'What is wrong with an installation', commands: ['doctor'], schema: DoctorOutput },
  { name: 'open', title: 'Where the page is', commands: ['open'], schema: OpenOutput },
  { name: 'check', title: 'What the probes found', commands: ['check'], schema: CheckReport },
  { name: 'probes', title: 'The probes there are', commands: ['check --list'], schema: ProbeList },
  { name: 'send', title: 'What became of each event', commands: ['send'], lines: true, schema: SendOutput },
  {
    name: 'send-request',
    title: 'A request, unsent',
    commands: ['send --dry-run', 'send --curl'],
    lines: true,
    schema: UnsentOutput,
  },
  {
    name: 'trigger',
    title: 'What the receiver answered',
    commands: ['trigger'],
    schema: TriggerOutput,
  },
  {
    name: 'listen',
    title: 'Webhooks that were received',
    commands: ['listen'],
    lines: true,
    schema: ListenOutput,
  },
  { name: 'sign', title: 'A signature', commands: ['sign'], schema: SignOutput },
  { name: 'verify', title: 'Whether a signature verifies', commands: ['verify'], schema: VerifyOutput },
  { name: 'deliveries', title: 'A page of the log', commands: ['deliveries list'], schema: LogPage },
  {
    name: 'deliveries-follow',
    title: 'Attempts, as they are made',
    commands: ['deliveries list --follow'],
    lines: true,
    schema: FollowOutput,
  },
  {
    name: 'delivery',
    title: 'A delivery with its attempts, or one attempt',
    commands: ['deliveries show'],
    schema: ShowOutput,
  },
  {
    name: 'delivery-curl',
    title: 'An attempt as a curl command',
    commands: ['deliveries show --curl'],
    schema: CurlOutput,
  },
  { name: 'replay', title: 'Replays and what came of them', commands: ['replay'], schema: ReplayOutput },
  { name: 'diff', title: 'What differs between two deliveries', commands: ['diff'], schema: DiffOutput },
  { name: 'trace', title: 'Everything that a request caused', commands: ['trace'], schema: Trace },
  { name: 'report', title: 'A trace as Markdown, redacted', commands: ['report'], schema: ReportOutput },
  { name: 'clock', title: 'The retry schedule', commands: ['clock'], schema: ClockView },
  {
    name: 'clock-move',
    title: 'What a move of the clock caused',
    commands: ['clock pause', 'clock resume', 'clock advance', 'clock next', 'clock drain', 'clock speed'],
    schema: ClockMove,
  },
  { name: 'faults', title: 'Faults in force', commands: ['fault list'], schema: FaultList },
  {
    name: 'fault',
    title: 'A fault that was added',
    commands: ['fault add'],
    schema: versioned(FaultView.shape),
  },
  {
    name: 'fault-clear',
    title: 'Faults that were taken away',
    commands: ['fault clear'],
    schema: FaultClearOutput,
  },
  { name: 'jobs', title: 'Jobs at the AI', commands: ['jobs list'], schema: page(ListedJob) },
  {
    name: 'job',
    title: 'A job that runs again',
    commands: ['jobs rerun'],
    schema: versioned(ListedJob.shape),
  },
  { name: 'events', title: 'The catalogue of events', commands: ['events'], schema: EventsOutput },
  {
    name: 'event-sample',
    title: 'A sample of an event',
    commands: ['events --sample'],
    schema: EventSampleOutput,
  },
  {
    name: 'event-schema',
    title: 'The JSON Schema of an event',
    commands: ['events --schema'],
    schema: EventSchemaOutput,
  },
  {
    name: 'assumptions',
    title: 'Undocumented behaviours relied on',
    commands: ['assumptions list'],
    schema: AssumptionList,
  },
  {
    name: 'assumptions-check',
    title: 'What recorded traffic says of each assumption',
    commands: ['assumptions check'],
    schema: AssumptionsCheckOutput,
  },
  {
    name: 'workspaces',
    title: 'Workspaces with their members',
    commands: ['workspace list'],
    schema: WorkspaceListOutput,
  },
  {
    name: 'workspace',
    title: 'A workspace with its members',
    commands: ['workspace add', 'workspace member-add'],
    schema: versioned(WorkspaceView.shape),
  },
  {
    name: 'workspace-request',
    title: 'What became of a request',
    commands: ['workspace add --via', 'workspace member-add --via'],
    schema: SentEvent,
  },
  { name: 'meeting', title: 'A meeting that happened', commands: ['meeting record'], schema: MeetingOutput },
  {
    name: 'config-show',
    title: 'Settings and where they come from',
    commands: ['config show'],
    schema: ConfigShowOutput,
  },
  {
    name: 'config-audit',
    title: 'Who changed what',
    commands: ['config show --audit'],
    schema: page(AuditEntry),
  },
  { name: 'ats', title: 'An ATS', commands: ['config set'], schema: versioned(AtsView.shape) },
  {
    name: 'config-rotate',
    title: 'A new credential, shown once',
    commands: ['config rotate'],
    schema: RotateOutput,
  },
  {
    name: 'completion',
    title: "A shell's completion script",
    commands: ['completion'],
    schema: CompletionOutput,
  },
  { name: 'env', title: "What a receiver's process needs", commands: ['env'], schema: EnvOutput },
  {
    name: 'snapshot-save',
    title: 'A snapshot that was written',
    commands: ['snapshot save'],
    schema: SnapshotSaveOutput,
  },
  {
    name: 'status',
    title: 'The running gateway',
    commands: ['status', 'snapshot restore', 'reset'],
    schema: StatusView,
  },
];
