import type { ProbeEvent } from '../../client/check/probe.ts';
import type { Facts } from '../../contract/facts/facts.ts';
import type { AtsConfig } from '../config/ats.ts';
import { parseObject } from '../events/body.ts';
import { sampleWith } from '../events/fact-samples.ts';
import { freshIds, freshOutgoing } from '../events/samples.ts';
import { CliError } from '../terminal/errors.ts';
import { type Io, readText } from '../terminal/io.ts';

/** What the probes use of the samples where no file was given. */
const BASE_EVENT = 'candidate.created';

export interface OwnEvent {
  bytes: Buffer;
  value: ProbeEvent;
}

/**
 * Events of the user's own, in the order of the flags.
 *
 * @throws CliError (exit 2) for a file that is no event.
 */
export async function readOwnEvents(io: Io, files: readonly string[]): Promise<OwnEvent[]> {
  const events: OwnEvent[] = [];
  for (const file of files) {
    const { bytes } = await readText(io, file);
    const value = parseObject(bytes);
    if (value === null || typeof value.event !== 'string') {
      throw new CliError(`${file} is not an outgoing event: a JSON object with "event"`, {
        where: `--event ${file}`,
        next: 'carvos events EVENT --direction outgoing --sample shows one',
      });
    }
    events.push({ bytes, value });
  }
  return events;
}

/** Makes fresh events: the user's own where there is one of that name, else samples. */
export function createEventSource(
  own: readonly OwnEvent[],
  ats: AtsConfig,
  clientId: string | undefined,
  facts?: Facts,
): (event?: string) => ProbeEvent {
  return (name) => {
    const found = name === undefined ? own[0] : own.find(({ value }) => value.event === name);
    const kind = name ?? BASE_EVENT;
    const event: ProbeEvent =
      found === undefined
        ? freshOutgoing(kind, ats, sampleWith(facts, kind))
        : { ...found.value, ...freshIds() };
    if (clientId !== undefined) event.client_id = clientId;
    return event;
  };
}
