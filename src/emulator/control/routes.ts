import express, { type Request, type Response, Router } from 'express';
import { AssumptionsQuery } from '../../contract/control-requests.ts';
import { gatewayError } from '../../contract/errors.ts';
import { answerError } from '../http/answer.ts';
import { addClockRoutes } from './clock-routes.ts';
import { addContentRoutes } from './content-routes.ts';
import { addFaultRoutes } from './fault-routes.ts';
import { serveFeed } from './feed.ts';
import { addJobRoutes } from './job-routes.ts';
import { addLogRoutes } from './log-routes.ts';
import { addMeetingRoutes } from './meeting-routes.ts';
import { serveControlDocument } from './openapi.ts';
import type { ControlParts } from './parts.ts';
import { addPortalRoutes } from './portal-routes.ts';
import { addReplayRoutes } from './replay-routes.ts';
import { parseRequest, Refused } from './request.ts';
import { addTestRoutes } from './test-routes.ts';
import { viewStatus } from './views.ts';
import { createClientWaits } from './wait-for-client.ts';
import { addWorkspaceRoutes } from './workspace-routes.ts';

/** The control API: what a developer sees and changes. The guard stands in front of it. */
export function createControlRoutes(parts: ControlParts): Router {
  const router = Router();
  router.use(express.json({ limit: '2mb', strict: false }));
  router.get('/status', (_request, response) => void response.json(viewStatus(parts)));
  router.get('/openapi.json', serveControlDocument);
  router.get('/assumptions', (request, response) => {
    const { all } = parseRequest(AssumptionsQuery, request.query, 'query');
    response.json(parts.assumptions.view(all === '1'));
  });
  router.get('/feed', serveFeed(parts.liveFeed));
  // Before the log's: `/deliveries/wait` is no id.
  const waitForClient = createClientWaits();
  addTestRoutes(router, parts, waitForClient);
  addLogRoutes(router, parts, waitForClient);
  addReplayRoutes(router, parts);
  addClockRoutes(router, parts);
  addPortalRoutes(router, parts);
  addContentRoutes(router, parts);
  addFaultRoutes(router, parts);
  addJobRoutes(router, parts);
  addMeetingRoutes(router, parts);
  addWorkspaceRoutes(router, parts);

  router.use((_request, response) => answerError(response, gatewayError('not_found')));
  router.use((error: unknown, _request: Request, response: Response, next: (error: unknown) => void) => {
    if (error instanceof Refused) answerError(response, error.refusal);
    else next(error);
  });
  return router;
}
