import type { OutgoingEventName } from '../../contract/event-names.ts';
import { showEvent } from '../../contract/facts/apply-facts.ts';
import type { Facts } from '../../contract/facts/facts.ts';
import { outgoingSample } from '../../contract/samples.ts';

// Apart from samples.ts, which the page loads as well.

/** The sample of an outgoing event as a gateway with these facts would send it. */
export function sampleWith(facts: Facts | undefined, event: string): Record<string, unknown> {
  return showEvent(facts, outgoingSample(event as OutgoingEventName));
}
