import type { ControlClient } from '../../client/control-client.ts';
import type { DeliveryDetail, LogRecordDetail, Trace } from '../../contract/control.ts';
import { computedIn } from '../../signing/computed-in.ts';
import { explainRecord } from '../text/attempt-reason.ts';
import type { Reader } from '../text/feed.ts';

type Delivery = Trace['deliveries'][number];

export interface ExplainedDelivery extends Delivery {
  /** One line, in the words of `dev`; `null` when it was delivered, or nothing was tried yet. */
  why: string | null;
}

/** Adds to each delivery why its last attempt failed. */
export function explainDeliveries(
  client: ControlClient,
  deliveries: readonly Delivery[],
  differing?: Reader['differing'],
): Promise<ExplainedDelivery[]> {
  return Promise.all(
    deliveries.map(async (delivery) => {
      const last = delivery.attempts.at(-1);
      if (delivery.state === 'delivered' || last === undefined) return { ...delivery, why: null };
      return { ...delivery, why: (await explainAttemptOf(client, last.id, { differing })).join(' ') || null };
    }),
  );
}

/** The same of one, by its id. */
export async function whyOf(client: ControlClient, id: string): Promise<string | null> {
  const [explained] = await explainDeliveries(client, [await client.delivery(id)]);
  return explained!.why;
}

/**
 * Why an attempt of a running gateway failed. Where the answer holds what the receiver computed, the gateway judges it.
 *
 * @param differing where the configuration has another secret than the gateway.
 * @param location where its answer redirects to, which the log does not hold.
 */
export async function explainAttemptOf(
  client: ControlClient,
  id: string,
  { differing = () => [], location = null }: Pick<Reader, 'differing'> & { location?: string | null } = {},
): Promise<string[]> {
  const record = await withDiagnosis(client, await client.logRecord(id));
  const { response } = record;
  const lines = explainRecord(record, { location });
  if (response?.status === 401) lines.push(...(await findDiffering(client, record.ats_id, differing)));
  if (lines.length > 0) return lines;
  return record.outcome === 'success' ? [] : [record.error?.message ?? `answered ${response?.status}`];
}

/** A delivery whose attempts have their diagnosis. */
export async function diagnosedDelivery(
  client: ControlClient,
  id: string,
  options: { whole?: boolean } = {},
): Promise<DeliveryDetail> {
  const delivery = await client.delivery(id, options);
  const attempts = await Promise.all(delivery.attempts.map((one) => withDiagnosis(client, one)));
  return { ...delivery, attempts };
}

/** The gateway looks into it by itself too, and stores it; but it may not be done. */
export async function withDiagnosis(
  client: ControlClient,
  record: LogRecordDetail,
): Promise<LogRecordDetail> {
  const { id, direction, response, request, fault } = record;
  if (record.diagnosis !== null || response?.status !== 401 || direction !== 'outgoing') return record;
  const computed = computedIn(Buffer.from(response.body.text, response.body.encoding), request.signature);
  // Without it, only an old signature can be the mistake: `replay --original` sends one.
  if (computed === null && fault !== null) return record;
  const { diagnosis } = await client.diagnosis(id, { computed: computed ?? undefined });
  return computed === null && diagnosis.findings.length === 0 ? record : { ...record, diagnosis };
}

/** Where the configuration has another outgoing secret than the gateway now has for an ATS. */
export async function findDiffering(
  client: ControlClient,
  atsId: string | null,
  differing: NonNullable<Reader['differing']>,
): Promise<readonly string[]> {
  const ats = (await client.status()).ats.find(({ id }) => id === atsId);
  return ats?.outgoing_secret_fingerprint ? differing(ats.id, ats.outgoing_secret_fingerprint) : [];
}
