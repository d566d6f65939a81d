import type { ControlClient } from '../../client/control-client.ts';
import { diagnosedDelivery } from '../connect/explain-deliveries.ts';
import { findTrace } from '../connect/find-trace.ts';
import type { Output } from '../terminal/output.ts';

/** Repeated requests of one reference that a report shows. */
const MOST_REQUESTS = 20;

export type ReportData = Awaited<ReturnType<typeof collectReport>>;

/** Everything that a report is written from. @throws CliError (exit 2) for an id that this gateway never gave out. */
export async function collectReport(client: ControlClient, id: string, output: Output) {
  const trace = await findTrace(client, id, output);
  const { items } = await client.log({
    reference_id: trace.reference_id,
    direction: 'incoming',
    limit: MOST_REQUESTS,
  });
  const whole = { whole: true };
  return {
    status: await client.status(),
    trace,
    /** The requests that this reference answered: the accepted one first, then repetitions. */
    requests: await Promise.all(items.reverse().map((item) => client.logRecord(item.id, whole))),
    deliveries: await Promise.all(trace.deliveries.map((one) => diagnosedDelivery(client, one.id, whole))),
    /** Those that the gateway's traffic relied on, this reference's among it. */
    assumptions: (await client.assumptions()).items.filter((use) => use.count > 0),
  };
}
