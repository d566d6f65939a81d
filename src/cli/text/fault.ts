import type { FaultView } from '../../contract/fault-view.ts';
import { FAULT_KINDS, FAULTS } from '../../contract/faults.ts';
import { formatDuration } from './duration.ts';

/** `status-503 on 20 % of deliveries of candidate.created, first 2 attempts`. */
export function describeFault(fault: FaultView): string {
  const share = fault.share < 1 ? `${Number((fault.share * 100).toFixed(2))} % of ` : '';
  const what = { ingress: 'incoming events', delivery: 'deliveries', ai: 'attempts at the AI' }[fault.on];
  const parts = [`${fault.kind} on ${share}${what}`];
  if (fault.event !== null) parts[0] += ` of ${fault.event}`;
  if (fault.client_id !== null) parts[0] += ` for ${fault.client_id}`;
  if (fault.ats_id !== null) parts[0] += ` of ${fault.ats_id}`;
  if (fault.first !== null) parts.push(fault.first === 1 ? 'first attempt' : `first ${fault.first} attempts`);
  if (fault.delay_ms !== null) parts.push(formatDuration(fault.delay_ms));
  if (fault.retry_after !== null) parts.push(`Retry-After ${fault.retry_after}`);
  return parts.join(', ');
}

/** Where the text of a kind begins, and how wide it is: in all, as wide as help is on a wide terminal. */
const KIND_INDENT = 42;
const KIND_WIDTH = 68;

/** Every kind that can be injected: where, and what it does. */
export function describeKinds(): string[] {
  const lines = new RegExp(`(.{1,${KIND_WIDTH}})(?: |$)`, 'g');
  return FAULT_KINDS.map((kind) => {
    const { places, what } = FAULTS[kind];
    const where = places.filter((place) => place !== 'send').join(', ');
    return `  ${kind.padEnd(16)} ${where.padEnd(22)} ${what.replace(lines, `$1\n${' '.repeat(KIND_INDENT)}`).trimEnd()}`;
  });
}
