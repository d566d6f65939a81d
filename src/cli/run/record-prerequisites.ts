import type { ControlClient } from '../../client/control-client.ts';
import type { Trace } from '../../contract/control.ts';
import { dataOf, ID_FIELDS, incomingBody } from './record-body.ts';

/**
 * The traces in the order in which they happened, with those before them that made what they are about: without its
 * candidate and vacancy an application is another one.
 */
export async function findPrerequisites(client: ControlClient, named: readonly Trace[]): Promise<Trace[]> {
  const found = new Map(named.map((trace) => [trace.reference_id, trace]));
  const queue = [...named];
  for (let trace = queue.shift(); trace; trace = queue.shift()) {
    for (const [noun, id] of await idsOf(client, trace)) {
      const query = {
        event: `${noun}.created`,
        direction: 'incoming',
        outcome: 'success',
        text: id,
      } as const;
      const { items } = await client.log({ ...query, limit: 20 });
      for (const item of items) {
        if (item.reference_id === null || found.has(item.reference_id)) continue;
        const made = await client.trace(item.reference_id);
        const body = await incomingBody(client, made);
        if (body?.[`${noun}_id`] !== id) continue;
        found.set(made.reference_id, made);
        queue.push(made);
      }
    }
  }
  const startOf = ({ accepted, deliveries }: Trace) =>
    Date.parse(accepted?.at ?? deliveries[0]?.created_at ?? '');
  return [...found.values()].sort((a, b) => startOf(a) - startOf(b));
}

async function idsOf(client: ControlClient, trace: Trace): Promise<[string, string][]> {
  const [first] = trace.deliveries;
  // Of what no request caused: what the events say.
  const body = (await incomingBody(client, trace)) ?? (first?.test ? {} : dataOf(first));
  return ID_FIELDS.flatMap((noun): [string, string][] => {
    const id = body[`${noun}_id`];
    return typeof id === 'string' && trace.accepted?.event !== `${noun}.created` ? [[noun, id]] : [];
  });
}
