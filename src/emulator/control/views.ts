import {
  type AtsView,
  type ClockView,
  type DeliveryDetail,
  OUTPUT_VERSION,
  type StatusView,
} from '../../contract/control.ts';
import { LOGGED_BODY_CAP } from '../../contract/limits.ts';
import { VERSION } from '../../contract/version.ts';
import type { Ats, AtsRegistry } from '../ats-registry.ts';
import type { ScheduleClock } from '../clock.ts';
import { fingerprint } from '../fingerprint.ts';
import {
  bodyOf,
  iso,
  type ViewClock,
  viewBody,
  viewDelivery,
  viewLogRowDetail,
  viewNext,
} from '../log-view.ts';
import { findNextDue } from '../store/claims.ts';
import { countDeliveries, countPending, getDelivery, getDeliveryBody } from '../store/deliveries.ts';
import { countEvents } from '../store/events.ts';
import { countJobs } from '../store/jobs.ts';
import { type LogRow, listLogOfDelivery } from '../store/log.ts';
import type { Store } from '../store/store.ts';
import type { ControlParts } from './routes.ts';

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
  const log = rows.map((row) => viewLogRowDetail(store, clock, row, cap));
  const delivery = getDelivery(store, id);
  if (delivery) {
    return {
      ...viewDelivery(store, clock, delivery),
      body: viewBody(getDeliveryBody(store, delivery.seq), undefined, cap),
      log,
    };
  }
  const row = rows[0];
  return row ? { ...viewInbound(row), body: viewBody(bodyOf(store, row), undefined, cap), log } : null;
}

export function viewClock(store: Store, clock: ScheduleClock): ClockView {
  const next = findNextDue(store);
  return {
    version: OUTPUT_VERSION,
    mode: clock.mode,
    speed: typeof clock.speed === 'number' ? clock.speed : null,
    schedule_ms: Math.floor(clock.now()),
    pending: countPending(store),
    next: next
      ? {
          delivery_id: next.id,
          event: next.event,
          attempts: next.attempts,
          next_attempt: viewNext(clock, next.step, next.due ?? 0),
        }
      : null,
  };
}

export function viewStatus(parts: ControlParts): StatusView {
  const { store, clock, registry } = parts;
  return {
    version: OUTPUT_VERSION,
    carvos: VERSION,
    gateway_id: store.gatewayId,
    url: parts.url(),
    pid: process.pid,
    database: store.file,
    started_at: iso(parts.startedAt),
    events: countEvents(store),
    jobs: countJobs(store, parts.worker.running()),
    deliveries: countDeliveries(store),
    clock: viewClock(store, clock),
    assumptions: viewAssumptionCounts(parts),
    ats: registry.list().map((ats) => viewAts(registry, ats)),
  };
}

function viewAssumptionCounts({ assumptions }: ControlParts): StatusView['assumptions'] {
  const { relied_on, total } = assumptions.view();
  return { relied_on, total };
}

export function viewAts(registry: AtsRegistry, ats: Ats): AtsView {
  return {
    id: ats.id,
    name: ats.name,
    enabled: ats.enabled === 1,
    webhook_url: registry.webhookUrl(ats),
    created_at: iso(ats.created_at),
    updated_at: iso(ats.updated_at),
    api_key: ats.api_key_hash.slice(0, 8),
    incoming_secret: fingerprint(ats.secrets.incoming[0]?.value),
    outgoing_secret: fingerprint(ats.secrets.outgoing[0]?.value),
  };
}

function viewInbound(row: LogRow) {
  return {
    id: row.delivery_id,
    direction: 'inbound' as const,
    ats_id: row.ats_id,
    client_id: row.client_id,
    event: row.event,
    event_id: row.event_id,
    reference_id: row.reference_id,
    state: null,
    attempts: 1,
    next_attempt: null,
    last_outcome: row.outcome,
    last_status: row.status,
    last_error: row.error_code === null ? null : { code: row.error_code, message: row.error_message ?? '' },
    test: false,
    replay_of: null,
    created_at: iso(row.occurred_at),
  };
}
