import type { ClockView, DeliveryDetail, LogItem, LogPage } from '../../../src/contract/control.ts';

/** A record as the control API gives it; `seq` is its place in the log. */
export function record(seq: number, fields: Partial<LogItem> = {}): LogItem {
  const delivery = fields.delivery_id ?? `dlv_${seq}`;
  return {
    id: `${delivery}/${fields.number ?? 1}`,
    delivery_id: delivery,
    direction: 'outgoing',
    number: 1,
    step: 1,
    ats_id: 'demo-ats',
    client_id: 'acme-corp',
    event: 'candidate.created',
    event_id: `evt_${seq}`,
    reference_id: `ref-${seq}`,
    outcome: 'success',
    response_status: 200,
    duration_ms: 12,
    error: null,
    occurred_at: '2026-11-23T08:00:00.000Z',
    expires_at: '2026-11-30T08:00:00.000Z',
    production_ms: 12,
    fault: null,
    test: false,
    delivery_state: 'delivered',
    next_attempt: null,
    cursor: String(seq),
    ...fields,
  };
}

/** Records `from` down to `to`, as a page. */
export function page(from: number, to: number, more = false): LogPage {
  const items: LogItem[] = [];
  for (let seq = from; seq >= to; seq--) items.push(record(seq));
  return pageOf(items, more);
}

export function pageOf(items: LogItem[], more = false): LogPage {
  return {
    version: 2,
    items,
    next_cursor: more ? (items.at(-1)?.cursor ?? '0') : null,
    newer_cursor: items[0]?.cursor ?? '0',
    searched_to: null,
  };
}

export const CLOCK: ClockView = {
  version: 2,
  mode: 'running',
  speed: 60,
  schedule_ms: 100_000,
  pending: 1,
  next: null,
};

/** The delivery of a record, with one attempt per given record. */
export function delivery(items: LogItem[], fields: Partial<DeliveryDetail> = {}): DeliveryDetail {
  const last = items.at(-1)!;
  const body = fields.body ?? {
    text: '{"a":{"b":[1,2]},"n":12345678901234567890}',
    encoding: 'utf8',
    bytes: 42,
    truncated: false,
  };
  return {
    id: last.delivery_id,
    direction: last.direction,
    ats_id: last.ats_id,
    client_id: last.client_id,
    event: last.event,
    event_id: last.event_id,
    reference_id: last.reference_id,
    state: last.delivery_state,
    attempt_count: items.length,
    next_attempt: last.next_attempt,
    last_outcome: last.outcome,
    last_status: last.response_status,
    last_error: last.error,
    test: last.test,
    replay_of: null,
    created_at: last.occurred_at,
    body,
    attempts: items.map((item) => ({
      ...item,
      request: {
        method: 'POST',
        url: 'http://127.0.0.1:3000/hook',
        headers: { 'Content-Type': 'application/json' },
        signature: 't=1,v1=00',
        body,
      },
      response:
        item.response_status === null
          ? null
          : {
              status: item.response_status,
              headers: {},
              body: { text: 'answer', encoding: 'utf8' as const, bytes: 6, truncated: false },
            },
      diagnosis: null,
    })),
    ...fields,
  };
}
