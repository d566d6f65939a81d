import type { ControlClient } from '../../client/control-client.ts';
import { ControlError } from '../../client/errors.ts';
import type { Belonging, Trace } from '../../contract/control.ts';
import { CliError } from '../terminal/errors.ts';
import type { Output } from '../terminal/output.ts';
import { timeOfReference, UUID } from '../text/times.ts';

const NOUNS: Record<Belonging['kind'], string> = {
  reference_id: 'a reference_id',
  delivery: 'a delivery',
  'incoming event_id': 'the event_id of an incoming event (ATS → CarvOS)',
  'outgoing event_id': 'the event_id of an outgoing event (CarvOS → ATS)',
};

/**
 * What a reference caused. An id of a delivery, attempt or event leads to its reference, with a note.
 *
 * @throws CliError (exit 2) for an id that this gateway never gave out, with what it says.
 */
export async function findTrace(client: ControlClient, given: string, output: Output): Promise<Trace> {
  const id = given.trim();
  const reference = UUID.test(id) ? id.toLowerCase() : id;
  try {
    return await client.trace(reference);
  } catch (error) {
    if (!(error instanceof ControlError) || error.status !== 404) throw error;
  }
  const isAttempt = /^dlv_[^/]+\/\d+$/.test(id);
  const { items } = await client.belongings(isAttempt ? id.split('/')[0]! : id);
  const references = [...new Set(items.map((item) => item.reference_id))];
  const kinds = [...new Set(items.map((item) => item.kind))].join(' and ');
  if (references.length > 1) {
    throw new CliError(`${id} is the ${kinds} of several references`, {
      next: `name one: ${items.map((item) => `${item.reference_id} (${item.client_id}, ${item.event})`).join('; ')}`,
    });
  }
  const [found] = references;
  if (found === undefined) throw await unknownId(client, id, UUID.exec(id)?.[1]);
  if (found === null) {
    throw new CliError(`${id} is a request that was refused, so it got no reference_id`, {
      next: `carvos deliveries show ${id} shows the request and why`,
    });
  }
  const what = isAttempt ? 'an attempt' : items.length === 1 ? NOUNS[items[0]!.kind] : 'an event_id';
  output.note(`${id} is ${what}; it belongs to reference ${found}`);
  return await client.trace(found);
}

async function unknownId(client: ControlClient, id: string, version: string | undefined): Promise<CliError> {
  const { url, database, gateway_id } = await client.status();
  const where = `gateway ${gateway_id} at ${url}, database ${database}`;
  const made = timeOfReference(id);
  if (made !== null) {
    return new CliError(`${id} is a reference_id, but not one of this gateway's: it never gave it out`, {
      where,
      next: `it was made at ${made}. Ask the gateway that answered then: another carvos, one with another database, or CarvOS itself`,
    });
  }
  if (version !== undefined) {
    return new CliError(
      `${id} is a UUID version ${version}, and this gateway's reference_ids are version 7: it never gave it out`,
      {
        where,
        next: 'take the reference_id of a 202, or of X-Carv-Causation-ID; carvos deliveries lists both',
      },
    );
  }
  const looks = id.startsWith('dlv_')
    ? 'looks like a delivery of carvos, but this gateway has none of that id'
    : id.startsWith('evt')
      ? 'looks like an event_id, but this gateway knows no event of that id'
      : 'is no reference_id (a UUID), and nothing else that this gateway knows';
  return new CliError(`${id} ${looks}`, { where, next: 'carvos deliveries --json lists the ids' });
}
