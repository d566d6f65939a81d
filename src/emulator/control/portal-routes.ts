import type { Router } from 'express';
import { OUTPUT_VERSION } from '../../contract/control.ts';
import { AtsChange, AuditQuery, RotateRequest, TestEventRequest } from '../../contract/portal.ts';
import { fingerprint } from '../ats/fingerprint.ts';
import { viewDelivery, viewLogRowDetail } from '../log/view-record.ts';
import { listAudit } from '../store/audit.ts';
import { getDelivery } from '../store/deliveries.ts';
import { getLog } from '../store/log.ts';
import { iso, wallNow } from '../time/wall.ts';
import type { ControlParts } from './parts.ts';
import { findAts, parseRequest, Refused } from './request.ts';
import { viewAts } from './views.ts';

/** What an ATS engineer does in the portal: settings, credentials, test events, the audit of changes. */
export function addPortalRoutes(router: Router, parts: ControlParts): void {
  const { store, registry, clock, testEvents } = parts;

  router.patch('/ats/:id', (request, response) => {
    const change = parseRequest(AtsChange, request.body);
    const ats = findAts(registry, request.params.id);
    registry.update(ats.id, change);
    response.json({ version: OUTPUT_VERSION, ...viewAts(registry, registry.get(ats.id)!) });
  });

  router.post('/ats/:id/rotate', (request, response) => {
    const { credential, overlap_ms } = parseRequest(RotateRequest, request.body);
    const ats = findAts(registry, request.params.id);
    if (credential === 'api-key' && overlap_ms > 0) {
      // Contract, section 7; two keys at once are not documented either.
      throw new Refused('validation', 'An old API key stops at once: it has no overlap');
    }
    const oldValidUntil = overlap_ms > 0 ? wallNow() + overlap_ms : null;
    const value = registry.rotate(ats.id, credential, oldValidUntil);
    response.setHeader('Cache-Control', 'no-store');
    response.json({
      version: OUTPUT_VERSION,
      ats_id: ats.id,
      credential,
      value,
      fingerprint: fingerprint(value),
      old_valid_until: oldValidUntil === null ? null : iso(oldValidUntil),
    });
  });

  router.post('/ats/:id/test-event', async (request, response) => {
    const { body_base64 } = parseRequest(TestEventRequest, request.body);
    const ats = findAts(registry, request.params.id);
    if (registry.webhookUrl(ats) === null) throw new Refused('no_webhook_url');
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const sent = await testEvents.send(ats.id, Buffer.from(body_base64, 'base64'), gone.signal);
    if (!sent.ok) throw new Refused(sent.error.code, sent.error.message);
    if (gone.signal.aborted) return;
    const row = getLog(store, sent.deliveryId, 1);
    response.json({
      version: OUTPUT_VERSION,
      delivery: viewDelivery(store, clock, getDelivery(store, sent.deliveryId)!),
      attempt: row ? viewLogRowDetail(store, clock, row) : null,
    });
  });

  router.get('/audit', (request, response) => {
    const { ats_id, limit, cursor } = parseRequest(AuditQuery, request.query, 'query');
    const found = listAudit(store, ats_id, cursor, limit + 1);
    const rows = found.slice(0, limit);
    response.json({
      version: OUTPUT_VERSION,
      items: rows.map(({ seq, at, details, ...row }) => ({
        id: seq,
        at: iso(at),
        ...row,
        details: JSON.parse(details) as Record<string, string | null>,
      })),
      next_cursor: found.length > limit ? String(rows.at(-1)!.seq) : null,
    });
  });
}
