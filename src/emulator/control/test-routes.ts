import type { Router } from 'express';
import { OUTPUT_VERSION } from '../../contract/control.ts';
import {
  AtsRequest,
  criteriaOfQuery,
  DeliveryWaitQuery,
  type DeliveryWaitResult,
} from '../../contract/delivery-wait.ts';
import { stringifyJson } from '../../contract/json.ts';
import { addAts } from '../ats/add-ats.ts';
import type { ControlParts } from './parts.ts';
import { parseRequest, Refused } from './request.ts';
import type { WaitForClient } from './wait-for-client.ts';

/** What a test in any language needs: waiting for a delivery, and an ATS of its own. */
export function addTestRoutes(router: Router, parts: ControlParts, waitForClient: WaitForClient): void {
  const { registry, watch } = parts;

  router.get('/deliveries/wait', async (request, response) => {
    const query = parseRequest(DeliveryWaitQuery, request.query, 'query');
    const criteria = criteriaOfQuery(query);
    if ('unreadable' in criteria) {
      throw new Refused(
        'bad_request',
        `expect=${criteria.unreadable}: write data.path=value, as in data.score=87`,
      );
    }
    const outcome = await waitForClient(request, response, query.timeout_ms, (timeoutMs, signal) =>
      watch.wait(criteria, timeoutMs, signal),
    );
    if (outcome === null) return;
    const result: DeliveryWaitResult = outcome.met
      ? { version: OUTPUT_VERSION, met: true, delivery: outcome.delivery, closest: null }
      : { version: OUTPUT_VERSION, met: false, delivery: null, closest: outcome.closest };
    // `data` can hold numbers that JavaScript would change.
    response.type('application/json').send(stringifyJson(result));
  });

  router.post('/ats', (request, response) => {
    const added = addAts(registry, parseRequest(AtsRequest, request.body), parts.url());
    if (added === null) throw new Refused('ats_exists');
    response.setHeader('Cache-Control', 'no-store');
    response.status(201).json({ version: OUTPUT_VERSION, ...added });
  });
}
