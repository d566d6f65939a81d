import type { DeliveryDetail } from '../../contract/control.ts';
import { LOGGED_BODY_CAP } from '../../contract/limits.ts';
import { getDelivery, getDeliveryBody } from '../store/deliveries.ts';
import { errorOf, type LogRow, listLogOfDelivery } from '../store/log.ts';
import type { Store } from '../store/store.ts';
import { iso } from '../time/wall.ts';
import {
  bodyOf,
  identityOf,
  type ViewClock,
  viewBody,
  viewDelivery,
  viewLogRowDetail,
} from './view-record.ts';

/**
 * A delivery with everything that was sent and answered; `null` when there is none of that id.
 *
 * @param cap most bytes of a request body that are shown.
 */
export function viewDeliveryDetail(
  store: Store,
  clock: ViewClock,
  id: string,
  cap = LOGGED_BODY_CAP,
): DeliveryDetail | null {
  const rows = listLogOfDelivery(store, id);
  const attempts = rows.map((row) => viewLogRowDetail(store, clock, row, cap));
  const delivery = getDelivery(store, id);
  if (delivery) {
    return {
      ...viewDelivery(store, clock, delivery),
      body: viewBody(getDeliveryBody(store, delivery.seq), undefined, cap),
      attempts,
    };
  }
  const row = rows[0];
  return row ? { ...viewIncoming(row), body: viewBody(bodyOf(store, row), undefined, cap), attempts } : null;
}

function viewIncoming(row: LogRow) {
  return {
    id: row.delivery_id,
    direction: 'incoming' as const,
    ...identityOf(row),
    state: null,
    attempt_count: 1,
    next_attempt: null,
    last_outcome: row.outcome,
    last_status: row.status,
    last_error: errorOf(row),
    test: false,
    replay_of: null,
    created_at: iso(row.occurred_at),
  };
}
