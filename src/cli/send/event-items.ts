import { randomUUID } from 'node:crypto';
import { changedBody, type EventBody, encode, parseObject } from '../events/body.ts';
import type { Assignment } from '../events/set-path.ts';
import { CliError } from '../terminal/errors.ts';
import type { EventLine } from './read-events.ts';
import type { Item } from './send-many.ts';

/**
 * Events one after the other, each as often as asked for, made only when their turn comes. Each line is changed so; what one
 * body was given is in it already.
 */
export async function* eventItems(
  source: EventBody | AsyncIterable<EventLine>,
  { repeat, changes }: { repeat: number; changes: Assignment[] },
): AsyncGenerator<Item> {
  const freshId = repeat > 1 && !changes.some(({ path }) => path.join('.') === 'event_id');
  const again = (body: EventBody) => (freshId ? withFreshId(body) : body);
  if ('bytes' in source) {
    for (let time = 1; time <= repeat; time++) yield { line: null, repeat: time, make: () => again(source) };
    return;
  }
  for await (const { number, bytes, tooLong } of source) {
    const make = () => again(eventOfLine(bytes, tooLong, changes));
    for (let time = 1; time <= repeat; time++) yield { line: number, repeat: time, make };
  }
}

function eventOfLine(bytes: Buffer, tooLong: boolean, changes: Assignment[]): EventBody {
  if (tooLong) throw new CliError('longer than 16 MiB');
  if (parseObject(bytes) === null) throw new CliError('not a JSON object');
  return changedBody(bytes, { name: 'it', file: null, changes });
}

/** Otherwise the gateway would take it for the same event, and do nothing. */
function withFreshId(body: EventBody): EventBody {
  if (body.value === null) return body;
  const value = { ...body.value, event_id: `evt-${randomUUID()}` };
  return { ...body, file: null, bytes: encode(value), value };
}
