import { type Request, type Response, Router } from 'express';
import { toWire } from '../../contract/control/direction.ts';
import { routeOf, schemaOf } from '../../contract/control/routes.ts';
import { CALL_NAMES, type CallName, CONTROL_CALLS } from '../../contract/control.ts';
import { gatewayError, RefusedError } from '../../contract/errors.ts';
import { stringifyJson } from '../../contract/json.ts';
import { escapeJson } from '../../contract/unsafe-characters.ts';
import { OUTPUT_VERSION } from '../../contract/version.ts';
import { answerError } from '../http/answer.ts';
import { expressPath } from '../http/express-path.ts';
import type { Call, Handlers } from './call.ts';
import { createClockHandlers } from './clock-routes.ts';
import { createFaultHandlers } from './fault-routes.ts';
import { createJobHandlers } from './job-routes.ts';
import { createLogHandlers } from './log-routes.ts';
import type { ControlParts } from './parts.ts';
import { createPortalHandlers } from './portal-routes.ts';
import { createReplayHandlers } from './replay-routes.ts';
import { parseRequest, readJson } from './request.ts';
import { createSnapshotHandlers } from './snapshot-routes.ts';
import { createStatusHandlers } from './status-routes.ts';
import { createWorkspaceHandlers } from './workspace-routes.ts';

/** The control API: what a developer sees and changes. The guard stands in front of it. */
export function createControlRoutes(parts: ControlParts): Router {
  const router = Router();
  const handlers = createHandlers(parts);
  for (const name of CALL_NAMES) addRoute(router, name, handlers[name] as AnyHandler);
  router.use((_request, response) => answerError(response, gatewayError('not_found')));
  router.use((error: unknown, _request: Request, response: Response, next: (error: unknown) => void) => {
    if (error instanceof RefusedError)
      answerError(response, { status: error.status, body: { detail: error.detail } });
    else next(error);
  });
  return router;
}

/** What each call of the table does. */
export function createHandlers(parts: ControlParts): Handlers {
  return {
    ...createStatusHandlers(parts),
    ...createLogHandlers(parts),
    ...createReplayHandlers(parts),
    ...createClockHandlers(parts),
    ...createPortalHandlers(parts),
    ...createWorkspaceHandlers(parts),
    ...createJobHandlers(parts),
    ...createFaultHandlers(parts),
    ...createSnapshotHandlers(parts),
  };
}

/** One of them, whichever it is. */
type AnyHandler = (call: Call<CallName>) => unknown;

function addRoute(router: Router, name: CallName, handle: AnyHandler): void {
  const { method, path } = CONTROL_CALLS[name];
  const { query, request: body, answer, status = 200 } = routeOf(name);
  router[method](expressPath(path), async (request: Request, response: Response) => {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const call = {
      params: request.params,
      query: query && parseRequest(query, request.query, 'query'),
      body: body && parseRequest(schemaOf(body), await readJson(request)),
      request,
      response,
      signal: gone.signal,
    } as Call<CallName>;
    const reply = await handle(call);
    if (!answer || reply === null || gone.signal.aborted) return;
    // What was delivered can hold numbers that JavaScript would change.
    const text = escapeJson(stringifyJson(toWire({ version: OUTPUT_VERSION, ...(reply as object) })));
    response.status(status).type('json').send(text);
  });
}
