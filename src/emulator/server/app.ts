import type { ServerResponse } from 'node:http';
import express, { type Express, type Request, type Response } from 'express';
import { AI_PREFIX } from '../../contract/ai.ts';
import { CONTROL_PREFIX, PAGE_PREFIX } from '../../contract/control.ts';
import { gatewayError } from '../../contract/errors.ts';
import { gatewayDocument } from '../../contract/openapi/gateway.ts';
import { cutOff } from '../../transport/read-body.ts';
import { createHostGuard, createTokenGuard } from '../control/guard.ts';
import type { ControlParts } from '../control/parts.ts';
import { createControlRoutes } from '../control/routes.ts';
import type { IngressParts, RestParts } from '../gateway/parts.ts';
import { createRestRoutes } from '../gateway/rest-routes.ts';
import { describeUnknownPath } from '../gateway/suggest-path.ts';
import { logRefusal, recordBare } from '../gateway/unmatched.ts';
import { answerClosed, answerError, answerJson } from '../http/answer.ts';
import type { ClosedFor } from '../incoming/request-gate.ts';
import type { AiLinks } from '../processing/ai/links.ts';
import type { Store } from '../store/store.ts';
import { createAiRoutes } from './ai-routes.ts';
import { createPageRoutes } from './page.ts';

export interface AppParts {
  page: boolean;
  ingress: IngressParts;
  controlToken: string;
  allowHosts: readonly string[];
  /** Why it accepts nothing now; `null` when it does. */
  closedFor(): ClosedFor | null;
  /** Called with each gateway request; what it returns, when nothing of it is in flight any more. */
  enter(cutOff: () => void): () => void;
  answerBug(error: unknown, response: ServerResponse): void;
}

/** What the routes of the app work on. */
export interface RouteParts {
  rest: RestParts;
  control: ControlParts;
  ai: { store: Store; links: AiLinks };
}

/** The gateway's own: made once, when it is first asked for. */
let document: unknown;

/** What answers everything but webhooks and questions after its health, which stand in front of it (server.ts). */
export function createGatewayApp(parts: AppParts, routes: RouteParts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.get('/openapi.json', (_request, response) => {
    document ??= gatewayDocument();
    answerJson(response, 200, document);
  });
  const hostGuard = createHostGuard(parts.allowHosts);
  if (parts.page) {
    app.get('/', (request, response, next) => {
      if (!/\btext\/html\b/.test(request.headers.accept ?? '')) return next();
      hostGuard(request, response, () => response.redirect(302, `${PAGE_PREFIX}/`));
    });
    app.use(PAGE_PREFIX, hostGuard, createPageRoutes());
  }
  app.use(
    CONTROL_PREFIX,
    hostGuard,
    createTokenGuard(parts.controlToken),
    (request, response, next) => {
      // Reading goes on from the open file: it tells what happened.
      if (request.method === 'GET' || parts.closedFor() !== 'storage_unusable') return next();
      answerError(response, gatewayError('storage_unusable'));
    },
    createControlRoutes(routes.control),
  );
  // The single-use links of jobs at the AI service; they need no token but their own.
  app.use(AI_PREFIX, createAiRoutes(routes.ai.store, routes.ai.links));
  app.use((request, response, next) => {
    const closed = parts.closedFor();
    if (closed) return answerClosed(response, closed);
    response.on(
      'close',
      parts.enter(() => cutOff(request)),
    );
    next();
  }, createRestRoutes(routes.rest));
  app.use(async (request, response) => {
    const known = parts.ingress.registry.list().map(({ id }) => id);
    await logRefusal(parts.ingress.acceptor, response, {
      record: recordBare({ method: request.method, url: request.originalUrl }),
      atsId: null,
      code: 'not_found',
      message: describeUnknownPath(request.method, request.originalUrl, known),
      status: 404,
      headers: {},
    });
  });
  app.use((error: unknown, _request: Request, response: Response, _next: unknown) => {
    // A path that is not valid percent-encoding has a status, but no `expose`.
    const { status, expose } = error as { status?: number; expose?: boolean };
    if (expose !== false && status !== undefined && status >= 400 && status < 500) {
      answerError(response, { ...gatewayError('bad_request'), status });
      return;
    }
    parts.answerBug(error, response);
  });
  return app;
}
