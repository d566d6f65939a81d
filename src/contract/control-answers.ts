import * as z from 'zod';
import {
  AssumptionList,
  AtsView,
  Belonging,
  ClockMove,
  ClockView,
  Delivery,
  DeliveryDetail,
  FeedEntry,
  ListedJob,
  LogDirection,
  LogPage,
  LogRecordDetail,
  OUTPUT_VERSION,
  page,
  ReplayManyResult,
  StatusView,
  Trace,
  WaitResult,
  WorkspaceView,
} from './control.ts';
import { DiagnosisView } from './diagnosis.ts';
import { FaultList, FaultView } from './fault-rule.ts';
import { MeetingView } from './meeting.ts';
import { AuditEntry, RotateResult, TestEventResult } from './portal.ts';
import { checkValue, summarizeProblems } from './problems.ts';

/** What each call of the control API answers, as its client checks it. */

function versioned<S extends z.ZodRawShape>(shape: S) {
  return z.object({ version: z.literal(OUTPUT_VERSION), ...shape });
}

const owned = { ats_id: z.string(), client_id: z.string() };

export const ANSWERS = {
  assumptions: AssumptionList,
  ats: versioned(AtsView.shape),
  audit: page(AuditEntry),
  belongings: versioned({ items: z.array(Belonging) }),
  cleared: versioned({ cleared: z.array(z.string()) }),
  clock: ClockView,
  'clock-move': ClockMove,
  deliveries: versioned({ items: z.array(Delivery) }),
  delivery: versioned(DeliveryDetail.shape),
  diagnosis: versioned({ id: z.string(), direction: LogDirection, diagnosis: DiagnosisView }),
  fault: versioned(FaultView.shape),
  faults: FaultList,
  'feed-entry': FeedEntry,
  job: versioned(ListedJob.shape),
  jobs: page(ListedJob),
  log: LogPage,
  'log-record': versioned(LogRecordDetail.shape),
  meeting: MeetingView,
  member: versioned({ ...owned, user_id: z.string(), name: z.string(), email: z.string() }),
  /** Every answer that is not 2xx. */
  refusal: z.object({
    detail: z.union([
      z.string(),
      z.array(z.object({ loc: z.array(z.union([z.string(), z.number()])), msg: z.string() })),
    ]),
  }),
  replays: ReplayManyResult,
  rotated: RotateResult,
  status: StatusView,
  'test-event': TestEventResult,
  trace: Trace,
  wait: versioned(WaitResult.shape),
  workspace: versioned(owned),
  workspaces: versioned({ items: z.array(WorkspaceView) }),
} as const satisfies Record<string, z.ZodType>;

export type AnswerName = keyof typeof ANSWERS;
export type Answer<N extends AnswerName> = z.infer<(typeof ANSWERS)[N]>;

/**
 * The value itself, where it is what that call answers; fields that are not known here stay in it. Otherwise what
 * is wrong with it, in a line.
 */
export function readAnswer<N extends AnswerName>(
  name: N,
  value: unknown,
): { ok: true; value: Answer<N> } | { ok: false; problem: string } {
  const checked = checkValue(ANSWERS[name], value);
  if (checked.ok) return { ok: true, value: checked.value as Answer<N> };
  return { ok: false, problem: summarizeProblems(checked.problems) };
}
