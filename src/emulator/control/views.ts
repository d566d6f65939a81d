import type { AtsView, ClockView, StatusView } from '../../contract/control.ts';
import { describeFacts } from '../../contract/facts/describe-facts.ts';
import { maskUrl } from '../../contract/mask-url.ts';
import { OUTPUT_VERSION, VERSION } from '../../contract/version.ts';
import { fingerprint } from '../../signing/fingerprint.ts';
import { type Ats, type AtsRegistry, fingerprintOf } from '../ats/registry.ts';
import { viewNext } from '../log/view-record.ts';
import { findNextDue } from '../store/claims.ts';
import { countDeliveries, countPending } from '../store/deliveries.ts';
import { countEvents } from '../store/events.ts';
import { countJobs } from '../store/jobs.ts';
import type { Store } from '../store/store.ts';
import type { ScheduleClock } from '../time/schedule-clock.ts';
import { iso } from '../time/wall.ts';
import type { ControlParts } from './parts.ts';

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
          attempt_count: next.attempt_count,
          next_attempt: viewNext(clock, next.step, next.due ?? 0),
        }
      : null,
  };
}

export function viewStatus(parts: ControlParts): StatusView {
  const { store, clock, registry } = parts;
  const { relied_on, total } = parts.assumptions.view();
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
    assumptions: { relied_on, total },
    facts: describeFacts(parts.facts()),
    ats: registry.list().map((ats) => viewAts(registry, ats)),
  };
}

export function viewAts(registry: AtsRegistry, ats: Ats): AtsView {
  const url = registry.webhookUrl(ats);
  return {
    id: ats.id,
    name: ats.name,
    enabled: ats.enabled === 1,
    webhook_url: url && maskUrl(url),
    created_at: iso(ats.created_at),
    updated_at: iso(ats.updated_at),
    api_key_fingerprint: fingerprintOf(ats, 'api-key'),
    incoming_secret_fingerprint: fingerprintOf(ats, 'incoming-secret'),
    outgoing_secret_fingerprint: fingerprintOf(ats, 'outgoing-secret'),
    webhook_url_fingerprint: url && fingerprint(URL.canParse(url) ? new URL(url).href : url),
  };
}
