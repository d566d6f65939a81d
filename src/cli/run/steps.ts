import type { StepKind } from '../../contract/scenario.ts';
import { meeting, replay, rerun, send, trigger } from './causing-steps.ts';
import type { StepRun } from './context.ts';
import { expect, none, request, run } from './judging-steps.ts';
import { clear, clock, fault, rotate, snapshot } from './state-steps.ts';

/** What each step does: the same calls as the command of its name. */
export const RUN: { [K in StepKind]: StepRun<K> } = {
  send,
  trigger,
  meeting,
  replay,
  fault,
  clear,
  clock,
  rerun,
  expect,
  none,
  request,
  run,
  rotate,
  snapshot,
};
