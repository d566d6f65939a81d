import type { ControlClient } from '../../client/control-client.ts';
import type { DeliveryDetail, LogRecordDetail } from '../../contract/control.ts';
import type { Comparison, FieldChange, SignatureVerdict } from '../../contract/output/log.ts';
import { bytesOf } from '../text/http.ts';
import { compareBodies } from './compare-bodies.ts';

/** A delivery with its newest attempt, or one attempt. */
export interface Side {
  /** As given: `dlv_…` or `dlv_…/3`. */
  id: string;
  facts: Pick<
    DeliveryDetail,
    'direction' | 'ats_id' | 'client_id' | 'event' | 'event_id' | 'reference_id' | 'test'
  >;
  /** `null` when there was no attempt yet. */
  attempt: LogRecordDetail | null;
  body: Buffer;
}

/** @throws ControlError (404) for an id that is not there. */
export async function loadSide(client: ControlClient, id: string): Promise<Side> {
  if (id.includes('/')) {
    const attempt = await client.logRecord(id, { whole: true });
    return { id, facts: attempt, attempt, body: bytesOf(attempt.request.body) };
  }
  const delivery = await client.delivery(id, { whole: true });
  const attempt = delivery.attempts.at(-1) ?? null;
  return { id, facts: delivery, attempt, body: bytesOf(delivery.body) };
}

/** @param judge the verdict on a side's recorded signature. */
export function compareSides(
  before: Side,
  after: Side,
  judge: (side: Side, attempt: LogRecordDetail) => SignatureVerdict,
): Comparison {
  const [a, b] = [before.attempt, after.attempt];
  const fields = changes(fieldsOf(before), fieldsOf(after));
  const requestHeaders = changes(lowerCased(a?.request.headers), lowerCased(b?.request.headers));
  const responseHeaders = changes(lowerCased(a?.response?.headers), lowerCased(b?.response?.headers));
  const body = compareBodies(before.body, after.body);
  const answers = { before: a?.response?.body.text ?? null, after: b?.response?.body.text ?? null };
  const responseBody = answers.before === answers.after ? null : answers;
  const verdicts = { before: a && judge(before, a), after: b && judge(after, b) };
  return {
    before: { id: before.id, attempt: a?.id ?? null },
    after: { id: after.id, attempt: b?.id ?? null },
    same:
      fields.length + requestHeaders.length + responseHeaders.length === 0 &&
      body.equal_bytes &&
      responseBody === null,
    fields,
    request_headers: requestHeaders,
    response_headers: responseHeaders,
    body,
    response_body: responseBody,
    signature: {
      ...verdicts,
      t_difference_s: minus(verdicts.after?.t, verdicts.before?.t),
      same_secret: sameSecret(verdicts.before, verdicts.after),
    },
    timing: {
      occurred_at: { before: a?.occurred_at ?? null, after: b?.occurred_at ?? null },
      apart_ms: a && b ? Date.parse(b.occurred_at) - Date.parse(a.occurred_at) : null,
      duration_ms: { before: a?.duration_ms ?? null, after: b?.duration_ms ?? null },
      production_ms: { before: a?.production_ms ?? null, after: b?.production_ms ?? null },
    },
  };
}

type Fields = Record<string, FieldChange['before']>;

function fieldsOf({ facts, attempt }: Side): Fields {
  const { direction, event, event_id, reference_id, client_id, ats_id, test } = facts;
  return {
    direction,
    event,
    event_id,
    reference_id,
    client_id,
    ats_id,
    test,
    url: attempt?.request.url ?? null,
    outcome: attempt?.outcome ?? null,
    response_status: attempt?.response_status ?? null,
    error: attempt?.error?.code ?? null,
    fault: attempt?.fault ?? null,
    step: attempt?.step ?? null,
    delivery_state: attempt?.delivery_state ?? null,
  };
}

function changes(before: Fields, after: Fields): FieldChange[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((field) => {
    const change = { field, before: before[field] ?? null, after: after[field] ?? null };
    return change.before === change.after ? [] : [change];
  });
}

function lowerCased(headers: Record<string, string> = {}): Fields {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** A signature that is only too old was still made with the secret. */
function sameSecret(a: SignatureVerdict | null, b: SignatureVerdict | null): boolean | null {
  const fits = (one: SignatureVerdict | null) => {
    if (one === null) return null;
    if (['valid', 'stale', 'future'].includes(one.verdict)) return true;
    return one.verdict === 'mismatch' ? false : null;
  };
  const [first, second] = [fits(a), fits(b)];
  if (first === null || second === null || (!first && !second)) return null;
  return first === second;
}

function minus(a: number | null | undefined, b: number | null | undefined): number | null {
  return a == null || b == null ? null : a - b;
}
