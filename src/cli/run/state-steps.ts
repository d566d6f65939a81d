import { resolve } from 'node:path';
import type { FaultRuleInput } from '../../contract/fault-rule.ts';
import { credentialKind } from '../config/ats.ts';
import { writeSnapshot } from '../connect/write-snapshot.ts';
import { fileError } from '../terminal/io.ts';
import { readDuration } from '../text/duration.ts';
import { refuseWhereUnwatched, type StepRun } from './context.ts';
import { NotMet } from './expect.ts';

/** Steps that change the gateway: its faults, its clock, its secrets. */

export const fault: StepRun<'fault'> = async (context, step) => {
  const rule = { ...step.fault, ats_id: context.ats.id } as unknown as FaultRuleInput;
  const made = await context.client.addFault(rule);
  return { got: made, text: `${made.kind} as ${made.id}`, reference: null };
};

export const clear: StepRun<'clear'> = async (context, step) => {
  const { items } = await context.client.faults();
  const own = items.filter(
    ({ ats_id, id }) => ats_id === context.ats.id && (step.clear === true || step.clear === id),
  );
  if (typeof step.clear === 'string' && own.length === 0)
    throw new NotMet(`this scenario has no fault ${step.clear}`);
  for (const { id } of own) await context.client.clearFaults(id);
  return { got: { cleared: own.map(({ id }) => id) }, text: `${own.length} cleared`, reference: null };
};

export const clock: StepRun<'clock'> = async (context, step) => {
  const asked = step.clock;
  const command =
    typeof asked === 'object' && 'advance' in asked ? { advance: readDuration(asked.advance)! } : asked;
  const moved = await context.client.clockMove(command, context.signal);
  const count = moved.fired.length + moved.unlisted;
  return { got: moved, text: `${count} ${count === 1 ? 'attempt' : 'attempts'} made`, reference: null };
};

export const rotate: StepRun<'rotate'> = async (context, step) => {
  const made = await context.client.rotate(context.ats.id, { credential: step.rotate });
  context.ats[credentialKind(step.rotate)] = made.value;
  return { got: made, text: made.fingerprint, reference: null };
};

export const snapshot: StepRun<'snapshot'> = async (context, step) => {
  refuseWhereUnwatched(context, 'writes a file');
  const path = resolve(context.io.cwd, step.snapshot);
  await writeSnapshot(context.client, path, { secrets: false }).catch((error: unknown) => {
    throw fileError(error, step.snapshot, 'write');
  });
  return { got: { file: step.snapshot }, text: step.snapshot, reference: null };
};
