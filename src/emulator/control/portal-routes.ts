import { checkEvent } from '../../contract/check-event.ts';
import type { PORTAL_ROUTES } from '../../contract/control/routes/portal.ts';
import { refused } from '../../contract/errors.ts';
import { fingerprint } from '../../signing/fingerprint.ts';
import { addAts } from '../ats/add-ats.ts';
import { viewDelivery, viewLogRowDetail } from '../log/view-record.ts';
import { listAudit } from '../store/audit.ts';
import { getDelivery } from '../store/deliveries.ts';
import { getLog } from '../store/log.ts';
import { iso, wallNow } from '../time/wall.ts';
import type { HandlersOf } from './call.ts';
import type { ControlParts } from './parts.ts';
import { findAts } from './request.ts';
import { viewAts } from './views.ts';

/** What an ATS engineer does in the portal: settings, credentials, test events, meetings, the audit of changes. */
export function createPortalHandlers(parts: ControlParts): HandlersOf<typeof PORTAL_ROUTES> {
  const { store, registry, settings, clock, testEvents, trustedDoor, meetings } = parts;

  return {
    addAts({ body, response }) {
      const added = addAts(registry, body, parts.url());
      response.setHeader('Cache-Control', 'no-store');
      return added;
    },
    changeAts({ params, body }) {
      const ats = findAts(registry, params.id);
      registry.update(ats.id, body);
      return viewAts(registry, registry.get(ats.id)!);
    },
    rotate({ params, body: { credential, overlap_ms }, response }) {
      const ats = findAts(registry, params.id);
      if (credential === 'api-key' && overlap_ms > 0) {
        // Contract, section 7; two keys at once are not documented either.
        throw refused('validation', 'An old API key stops at once: it has no overlap');
      }
      const oldValidUntil = overlap_ms > 0 ? wallNow() + overlap_ms : null;
      const value = registry.rotate(ats.id, credential, oldValidUntil);
      response.setHeader('Cache-Control', 'no-store');
      return {
        ats_id: ats.id,
        credential,
        value,
        fingerprint: fingerprint(value),
        old_valid_until: oldValidUntil === null ? null : iso(oldValidUntil),
      };
    },
    async sendTestEvent({ params, body, signal }) {
      const ats = findAts(registry, params.id);
      if (registry.webhookUrl(ats) === null) throw refused('no_webhook_url');
      const sent = await testEvents.send(ats.id, Buffer.from(body.body_base64, 'base64'), signal);
      if (signal.aborted) return null;
      const row = getLog(store, sent.deliveryId, 1);
      const delivery = getDelivery(store, sent.deliveryId);
      // It went with the content that was there.
      if (!delivery) throw refused('replacing');
      return {
        delivery: viewDelivery(store, clock, delivery),
        attempt: row ? viewLogRowDetail(store, clock, row) : null,
        location: sent.location,
      };
    },
    async sendEvent({ params, body }) {
      const ats = findAts(registry, params.id);
      return await trustedDoor.send(ats, Buffer.from(body.body_base64, 'base64'));
    },
    checkEvent: ({ body }) => checkEvent(body.direction, body.text),
    audit({ query: { ats_id, limit, cursor } }) {
      const found = listAudit(store, ats_id, cursor, limit + 1);
      const rows = found.slice(0, limit);
      return {
        items: rows.map(({ seq, at, details, ...row }) => ({
          id: seq,
          at: iso(at),
          ...row,
          details: JSON.parse(details) as Record<string, string | null>,
        })),
        next_cursor: found.length > limit ? String(rows.at(-1)!.seq) : null,
      };
    },
    // In production Carv's bot records meetings; here a call makes one happen.
    recordMeeting: ({ body: { ats_id, ...meeting } }) =>
      meetings.record(findAts(registry, ats_id, settings().ats).id, meeting),
  };
}
