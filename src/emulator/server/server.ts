import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import express, { type Express, type Request, type Response, type Router } from 'express';
import { AI_PREFIX } from '../../contract/ai.ts';
import { CONTROL_PREFIX, PAGE_PREFIX } from '../../contract/control.ts';
import { gatewayError } from '../../contract/errors.ts';
import { WEBHOOK_PATH } from '../../contract/rest.ts';
import { handleBrokenRequests } from '../../transport/broken-requests.ts';
import type { NoteAssumption } from '../assumptions/notes.ts';
import { createHostGuard, createTokenGuard } from '../control/guard.ts';
import { serveGatewayDocument } from '../gateway/openapi.ts';
import { describeUnknownPath } from '../gateway/suggest-path.ts';
import { logBroken, logRefusal, recordBare } from '../gateway/unmatched.ts';
import { handleWebhook, type IngressParts } from '../gateway/webhook-ingress.ts';
import { answerError } from '../http/answer.ts';
import { cutOff } from '../http/read-body.ts';
import type { ClosedFor } from '../incoming/request-gate.ts';
import { storageTrouble } from '../store/storage-trouble.ts';
import { createPageRoutes } from './page.ts';

export interface ServerParts {
  /** Whether the page is served. */
  page: boolean;
  ingress: IngressParts;
  rest: Router;
  control: Router;
  /** The single-use links of jobs at the AI service; they need no token but their own. */
  ai: Router;
  note: NoteAssumption;
  controlToken: string;
  allowHosts: readonly string[];
  /** Why it accepts nothing now; `null` when it does. */
  closedFor(): ClosedFor | null;
  /** Called with each gateway request; what it returns, when nothing of it is in flight any more. */
  enter(cutOff: () => void): () => void;
  onError(error: unknown): void;
}

/**
 * One listener for gateway and control API, which do not know each other. It does not listen yet.
 */
export function createGatewayServer(parts: ServerParts): Server {
  const app = createGatewayApp(parts);
  const answerWebhook = async (request: IncomingMessage, response: ServerResponse) => {
    const leave = parts.enter(() => cutOff(request));
    try {
      await handleWebhook(parts.ingress, request, response);
    } catch (error) {
      answerBug(parts, error, response);
    } finally {
      leave();
    }
  };

  const refuse = (
    request: IncomingMessage,
    response: ServerResponse,
    code: string,
    message: string,
    status: number,
    headers?: Record<string, string>,
  ) =>
    logRefusal(parts.ingress.acceptor, response, {
      record: recordBare(request),
      atsId: null,
      code,
      message,
      status,
      headers,
    }).catch((error) => answerBug(parts, error, response));

  // A request without `Host` is refused below, so that it leaves a line too.
  const options = { requestTimeout: 30_000, headersTimeout: 15_000, requireHostHeader: false };
  const server = createServer(options);
  handleBrokenRequests(server, (broken) => {
    if (parts.closedFor() === null) logBroken(parts.ingress.acceptor, broken).catch(parts.onError);
  });
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    const message = `Expect: ${request.headers.expect} asks for what no server here does; only 100-continue is known`;
    if (parts.closedFor() === null) void refuse(request, response, 'expectation', message, 417);
    else response.writeHead(417, { Connection: 'close' }).end();
  });
  server.on('request', (request, response) => {
    request.url = pathOf(request.url);
    if (request.headers.host === undefined && request.httpVersion === '1.1' && parts.closedFor() === null) {
      void refuse(
        request,
        response,
        'host_missing',
        'the header Host is missing, which HTTP/1.1 demands',
        400,
      );
      return;
    }
    if (!request.url?.startsWith(WEBHOOK_PATH)) {
      app(request, response);
      return;
    }
    const closed = parts.closedFor();
    if (closed) answerError(response, gatewayError(closed), { Connection: 'close' });
    else if (request.method !== 'POST') {
      const message = `incoming events are sent with POST, not ${request.method}`;
      void refuse(request, response, 'method_not_allowed', message, 405, { Allow: 'POST' });
    } else void answerWebhook(request, response);
  });
  // Of Node's own server since ever, but not in its types: who shuts its side down gets the answer.
  return Object.assign(server, { httpAllowHalfOpen: true });
}

/** Everything but the webhook route, which stands in front of it. */
export function createGatewayApp(parts: ServerParts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.get('/healthz', (_request, response) => void response.json({ status: 'ok' }));
  app.get('/readyz', (_request, response) => {
    const closed = parts.closedFor();
    const status = { shutting_down: 'stopping', replacing: 'replacing', storage_unusable: 'unusable' };
    response.status(closed ? 503 : 200).json({ status: closed ? status[closed] : 'ready' });
  });
  app.get('/openapi.json', serveGatewayDocument);
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
    parts.control,
  );
  app.use(AI_PREFIX, parts.ai);
  app.use((request, response, next) => {
    const closed = parts.closedFor();
    if (closed) return answerError(response, gatewayError(closed), { Connection: 'close' });
    response.on(
      'close',
      parts.enter(() => cutOff(request)),
    );
    next();
  }, parts.rest);
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
    answerBug(parts, error, response);
  });
  return app;
}

/** A client may send the whole URL, as to a proxy (RFC 9112, 3.2.2); which host it names is of no matter. */
function pathOf(target: string | undefined): string {
  const whole = target && /^https?:\/\/[^/?#]*/i.exec(target)?.[0];
  if (!whole) return target ?? '/';
  const rest = target.slice(whole.length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

function answerBug(parts: ServerParts, error: unknown, response: ServerResponse): void {
  parts.onError(error);
  answerError(response, gatewayError(storageTrouble(error) ?? 'internal'));
}
