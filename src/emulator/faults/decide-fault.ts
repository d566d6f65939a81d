import { createHash } from 'node:crypto';
import type { FaultRule } from '../../contract/fault-rule.ts';
import type { FaultPoint } from '../../contract/faults.ts';

/** Something that a fault can apply to, described by what stays the same when it happens again. */
export interface FaultMoment {
  on: FaultPoint;
  atsId: string;
  clientId: string;
  /** The incoming event's id: the outgoing one's is new in every run. */
  incomingId: string;
  event: string;
  /** From 1: the step of the schedule, or how often this event came in. */
  attempt: number;
  /** A replay comes after the attempts of its event: `first` does not concern it. */
  replay?: boolean;
}

/** Whether a rule is about a moment at all, before anything is decided. */
export function matchesFault(rule: FaultRule, moment: Omit<FaultMoment, 'attempt' | 'incomingId'>): boolean {
  return (
    rule.on === moment.on &&
    (rule.event === undefined || rule.event === moment.event) &&
    (rule.client_id === undefined || rule.client_id === moment.clientId) &&
    (rule.ats_id === undefined || rule.ats_id === moment.atsId)
  );
}

/**
 * Whether a rule that matches applies. Decided by a hash of the moment and not from a stream, so that
 * neither order nor concurrency changes it (architecture, "Faults").
 *
 * @param id the rule's, so that two rules of the same share decide independently.
 */
export function decideFault(seed: number, id: string, rule: FaultRule, moment: FaultMoment): boolean {
  if (rule.first !== undefined && (moment.replay === true || moment.attempt > rule.first)) return false;
  if (rule.share === undefined) return true;
  const parts = [
    seed,
    id,
    moment.atsId,
    moment.clientId,
    moment.incomingId,
    moment.event,
    moment.attempt,
    moment.replay === true,
  ];
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest();
  return hash.readUIntBE(0, 6) / 2 ** 48 < rule.share;
}
