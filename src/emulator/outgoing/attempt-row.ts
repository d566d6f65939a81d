import type { ClaimedDelivery } from '../store/claims.ts';
import { type LogRow, type NewLogRow, newLogRow } from '../store/log.ts';

/** A row with what it takes over from its delivery. Assigned: spreading costs each attempt a microsecond. */
export function outgoingRow(
  delivery: Omit<ClaimedDelivery, 'lane' | 'body'>,
  fields: Partial<NewLogRow>,
): LogRow {
  const row = newLogRow(fields);
  row.delivery_id = delivery.id;
  row.direction = 'outgoing';
  row.step = stepOf(delivery);
  row.ats_id = delivery.ats_id;
  row.client_id = delivery.client_id;
  row.event = delivery.event;
  row.event_id = delivery.event_id;
  row.reference_id = delivery.reference_id;
  row.test = delivery.test;
  return row;
}

/** Replays and test events are outside the schedule (contract/control.ts, LogRecord). */
function stepOf(delivery: Omit<ClaimedDelivery, 'lane' | 'body'>): number | null {
  return delivery.replay_of === null && !delivery.test ? delivery.step : null;
}
