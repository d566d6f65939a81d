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
import { FaultList, FaultView } from '../fault-view.ts';
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

/** Name, title, who prints it (separated by commas), and the schema; `lines` for one object a line. */
type Row = [name: string, title: string, commands: string, schema: z.ZodType, lines?: 'lines'];

const ROWS: readonly Row[] = [
  ['init', 'Files that were written', 'init', InitOutput],
  ['kit', 'Files of a kit that were written', 'init --kit', KitOutput],
  ['dev', 'What happens in the gateway, after a line that says where it is', 'dev', DevOutput, 'lines'],
  ['exec', 'How a run ended, on standard error', 'exec', ExecOutput],
  ['soak', 'What a soak came to, on standard error', 'exec --soak', SoakOutput],
  ['run', 'What became of each scenario', 'run', ScenariosOutput],
  ['recorded', 'The scenario that was written', 'run --record', RecordOutput],
  ['doctor', 'What is wrong with an installation', 'doctor', DoctorOutput],
  ['open', 'Where the page is', 'open', OpenOutput],
  ['check', 'What the probes found', 'check', CheckReport],
  ['probes', 'The probes there are', 'check --list', ProbeList],
  ['send', 'What became of each event', 'send', SendOutput, 'lines'],
  ['send-request', 'A request, unsent', 'send --dry-run, send --curl', UnsentOutput, 'lines'],
  ['trigger', 'What the receiver answered', 'trigger', TriggerOutput],
  ['listen', 'Webhooks that were received', 'listen', ListenOutput, 'lines'],
  ['sign', 'A signature', 'sign', SignOutput],
  ['verify', 'Whether a signature verifies', 'verify', VerifyOutput],
  ['deliveries', 'A page of the log', 'deliveries list', LogPage],
  ['deliveries-follow', 'Attempts, as they are made', 'deliveries list --follow', FollowOutput, 'lines'],
  ['delivery', 'A delivery with its attempts, or one attempt', 'deliveries show', ShowOutput],
  ['delivery-curl', 'An attempt as a curl command', 'deliveries show --curl', CurlOutput],
  ['replay', 'Replays and what came of them', 'replay', ReplayOutput],
  ['diff', 'What differs between two deliveries', 'diff', DiffOutput],
  ['trace', 'Everything that a request caused', 'trace', Trace],
  ['report', 'A trace as Markdown, redacted', 'report', ReportOutput],
  ['clock', 'The retry schedule', 'clock', ClockView],
  [
    'clock-move',
    'What a move of the clock caused',
    'clock pause, clock resume, clock advance, clock next, clock drain, clock speed',
    ClockMove,
  ],
  ['faults', 'Faults in force', 'fault list', FaultList],
  ['fault', 'A fault that was added', 'fault add', versioned(FaultView.shape)],
  ['fault-clear', 'Faults that were taken away', 'fault clear', FaultClearOutput],
  ['jobs', 'Jobs at the AI', 'jobs list', page(ListedJob)],
  ['job', 'A job that runs again', 'jobs rerun', versioned(ListedJob.shape)],
  ['events', 'The catalogue of events', 'events', EventsOutput],
  ['event-sample', 'A sample of an event', 'events --sample', EventSampleOutput],
  ['event-schema', 'The JSON Schema of an event', 'events --schema', EventSchemaOutput],
  ['assumptions', 'Undocumented behaviours relied on', 'assumptions list', AssumptionList],
  [
    'assumptions-check',
    'What recorded traffic says of each assumption',
    'assumptions check',
    AssumptionsCheckOutput,
  ],
  ['workspaces', 'Workspaces with their members', 'workspace list', WorkspaceListOutput],
  [
    'workspace',
    'A workspace with its members',
    'workspace add, workspace member-add',
    versioned(WorkspaceView.shape),
  ],
  [
    'workspace-request',
    'What became of a request',
    'workspace add --via, workspace member-add --via',
    SentEvent,
  ],
  ['meeting', 'A meeting that happened', 'meeting record', MeetingOutput],
  ['config-show', 'Settings and where they come from', 'config show', ConfigShowOutput],
  ['config-audit', 'Who changed what', 'config show --audit', page(AuditEntry)],
  ['ats', 'An ATS', 'config set', versioned(AtsView.shape)],
  ['config-rotate', 'A new credential, shown once', 'config rotate', RotateOutput],
  ['completion', "A shell's completion script", 'completion', CompletionOutput],
  ['env', "What a receiver's process needs", 'env', EnvOutput],
  ['snapshot-save', 'A snapshot that was written', 'snapshot save', SnapshotSaveOutput],
  ['status', 'The running gateway', 'status, snapshot restore, reset', StatusView],
];

/** Every form of output there is. A test runs each command and fails where one prints something else. */
export const OUTPUTS: readonly OutputShape[] = ROWS.map(([name, title, commands, schema, lines]) => ({
  name,
  title,
  commands: commands.split(', '),
  schema,
  ...(lines && { lines: true }),
}));
