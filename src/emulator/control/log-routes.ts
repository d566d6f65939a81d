import type { Router } from 'express';
import { LogQuery, OUTPUT_VERSION } from '../../contract/control.ts';
import { BodyQuery, DiagnosisQuery, WaitQuery } from '../../contract/control-requests.ts';
import { readLogPage } from '../log/page.ts';
import { cutFrom } from '../log/refused-bodies.ts';
import { readTrace, waitForReference } from '../log/trace.ts';
import { viewDeliveryDetail } from '../log/view-delivery.ts';
import { viewLogRowDetail } from '../log/view-record.ts';
import { getLog } from '../store/log.ts';
import type { ControlParts } from './parts.ts';
import { parseRequest, Refused } from './request.ts';
import type { WaitForClient } from './wait-for-client.ts';

function capOf(query: unknown): number | undefined {
  return parseRequest(BodyQuery, query, 'query').body === 'whole' ? Number.POSITIVE_INFINITY : undefined;
}

/** The log, one delivery, and what a reference caused. */
export function addLogRoutes(router: Router, parts: ControlParts, waitForClient: WaitForClient): void {
  const { store, clock } = parts;

  router.get('/log', async (request, response) => {
    const query = parseRequest(LogQuery, request.query, 'query');
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const page = await readLogPage(store, clock, query, gone.signal);
    if (!page) throw new Refused('bad_request', 'cursor is not one of ours');
    response.json(page);
  });
  router.get('/log/:id/:number', (request, response) => {
    const cap = capOf(request.query);
    const row = getLog(store, request.params.id, Number(request.params.number));
    if (!row) throw unknownDelivery(`${request.params.id}/${request.params.number}`);
    response.json({ version: OUTPUT_VERSION, ...viewLogRowDetail(store, clock, row, cap) });
  });
  // Asked anew, with the secrets that only the gateway knows: those rotated away among them.
  router.get('/log/:id/:number/diagnosis', async (request, response) => {
    const { computed, at, tolerance } = parseRequest(DiagnosisQuery, request.query, 'query');
    const row = getLog(store, request.params.id, Number(request.params.number));
    if (!row) throw unknownDelivery(`${request.params.id}/${request.params.number}`);
    const question = {
      computed,
      ...(at === undefined ? {} : { now: at }),
      ...(tolerance === undefined
        ? {}
        : { tolerance: tolerance === 'off' ? Number.POSITIVE_INFINITY : tolerance }),
    };
    if (cutFrom(row) !== null)
      throw new Refused('bad_request', 'only a part of this body is kept: see its error');
    const diagnosis = await parts.recordDiagnoser.answer(row, question);
    if (!diagnosis) throw new Refused('unknown_ats');
    response.json({
      version: OUTPUT_VERSION,
      id: `${row.delivery_id}/${row.number}`,
      direction: row.direction,
      diagnosis,
    });
  });
  router.get('/deliveries/:id', (request, response) => {
    const delivery = viewDeliveryDetail(store, clock, request.params.id, capOf(request.query));
    if (!delivery) throw unknownDelivery(request.params.id);
    response.json({ version: OUTPUT_VERSION, ...delivery });
  });

  router.get('/references/:id', (request, response) => {
    const trace = readTrace(store, clock, request.params.id, parts.worker);
    if (!trace) throw new Refused('unknown_reference');
    response.json(trace);
  });
  router.get('/references/:id/wait', async (request, response) => {
    const { until, timeout_ms } = parseRequest(WaitQuery, request.query, 'query');
    const result = await waitForClient(request, response, timeout_ms, (timeoutMs, signal) =>
      waitForReference(parts, request.params.id, until, timeoutMs, signal),
    );
    if (!result && response.destroyed) return;
    if (!result) throw new Refused('unknown_reference');
    response.json({ version: OUTPUT_VERSION, ...result });
  });
}

function unknownDelivery(id: string): Refused {
  return new Refused('unknown_delivery', `${id}: there is no such delivery or attempt`);
}
