import express, { type Request, type Response, Router } from 'express';
import { AssumptionsQuery } from '../../contract/control-requests.ts';
import { gatewayError } from '../../contract/errors.ts';
import type { AssumptionNotes } from '../assumption-notes.ts';
import type { AtsRegistry } from '../ats-registry.ts';
import type { ScheduleClock } from '../clock.ts';
import type { Content } from '../content.ts';
import type { DeliveryWatch } from '../delivery-watch.ts';
import type { Explainer } from '../explain.ts';
import type { Faults } from '../faults.ts';
import { answerError } from '../gateway/answer.ts';
import type { Journal } from '../journal.ts';
import type { Meetings } from '../meetings.ts';
import type { Replayer } from '../replay.ts';
import type { Steering } from '../steer.ts';
import type { Store } from '../store/store.ts';
import type { TestEvents } from '../test-events.ts';
import { addClockRoutes } from './clock-routes.ts';
import { addContentRoutes } from './content-routes.ts';
import { addFaultRoutes } from './fault-routes.ts';
import { serveFeed } from './feed.ts';
import { addJobRoutes } from './job-routes.ts';
import { addLogRoutes } from './log-routes.ts';
import { addMeetingRoutes } from './meeting-routes.ts';
import { serveControlDocument } from './openapi.ts';
import { addPortalRoutes } from './portal-routes.ts';
import { addReplayRoutes } from './replay-routes.ts';
import { parseRequest, Refused } from './request.ts';
import { addTestRoutes } from './test-routes.ts';
import type { JobRunner } from './view-job.ts';
import { viewStatus } from './views.ts';
import { createClientWaits } from './wait-for-client.ts';
import { addWorkspaceRoutes } from './workspace-routes.ts';

export interface ControlParts {
  store: Store;
  watch: DeliveryWatch;
  registry: AtsRegistry;
  clock: ScheduleClock;
  journal: Journal;
  steering: Steering;
  explainer: Explainer;
  replayer: Replayer;
  /** Limit on a receiver's whole answer; `null` for none. */
  receiverTimeoutMs(): number | null;
  content: Content;
  faults: Faults;
  assumptions: AssumptionNotes;
  meetings: Meetings;
  testEvents: TestEvents;
  worker: JobRunner;
  url(): string;
  /** Wall time. */
  startedAt: number;
}

/** The control API: what a developer sees and steers. The guard stands in front of it. */
export function createControlRoutes(parts: ControlParts): Router {
  const router = Router();
  router.use(express.json({ limit: '2mb', strict: false }));
  router.get('/status', (_request, response) => void response.json(viewStatus(parts)));
  router.get('/openapi.json', serveControlDocument);
  router.get('/assumptions', (request, response) => {
    const { all } = parseRequest(AssumptionsQuery, request.query, 'query');
    response.json(parts.assumptions.view(all === '1'));
  });
  router.get('/feed', serveFeed(parts.journal));
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
