import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Express } from 'express';
import { gatewayError } from '../../contract/errors.ts';
import { WEBHOOK_PATH } from '../../contract/rest.ts';
import { handleBrokenRequests } from '../../transport/broken-requests.ts';
import { cutOff } from '../../transport/read-body.ts';
import { logBroken, logRefusal, recordBare, type Unmatched } from '../gateway/unmatched.ts';
import { handleWebhook } from '../gateway/webhook-ingress.ts';
import { answerError } from '../http/answer.ts';
import { storageTrouble } from '../store/storage-trouble.ts';
import type { AppParts, RouteParts } from './app.ts';
import { answerHealth } from './health.ts';

export interface ServerParts extends Omit<AppParts, 'answerBug'> {
  routes: RouteParts;
  /** Certificate and key, where it speaks HTTPS. */
  tls: { cert: string; key: string } | undefined;
  /** Whether there was no room to store what came last. */
  isFull(): boolean;
  onError(error: unknown): void;
}

/**
 * One listener for gateway and control API, which do not know each other. It does not listen yet.
 */
export async function createGatewayServer(parts: ServerParts): Promise<Server> {
  let app: Promise<Express> | undefined;
  const answerOther = async (request: IncomingMessage, response: ServerResponse) => {
    try {
      app ??= loadApp(parts);
      (await app)(request, response);
    } catch (error) {
      app = undefined;
      answerBug(parts, error, response);
    }
  };
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
    why: Pick<Unmatched, 'code' | 'message' | 'status' | 'headers'>,
  ) =>
    void logRefusal(parts.ingress.acceptor, response, {
      record: recordBare(request),
      atsId: null,
      ...why,
    }).catch((error) => answerBug(parts, error, response));

  // A request without `Host` is refused below, so that it leaves a line too.
  const options = { requestTimeout: 30_000, headersTimeout: 15_000, requireHostHeader: false };
  const { tls } = parts;
  const server: Server = tls
    ? (await import('node:https')).createServer({ ...options, ...tls })
    : createServer(options);
  handleBrokenRequests(server, (broken) => {
    if (parts.closedFor() === null) logBroken(parts.ingress.acceptor, broken).catch(parts.onError);
  });
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    const message = `Expect: ${request.headers.expect} asks for what no server here does; only 100-continue is known`;
    if (parts.closedFor() === null) refuse(request, response, { code: 'expectation', message, status: 417 });
    else response.writeHead(417, { Connection: 'close' }).end();
  });
  server.on('request', (request, response) => {
    request.url = pathOf(request.url);
    if (request.headers.host === undefined && request.httpVersion === '1.1' && parts.closedFor() === null) {
      const message = 'the header Host is missing, which HTTP/1.1 demands';
      return refuse(request, response, { code: 'host_missing', message, status: 400 });
    }
    const closed = parts.closedFor();
    if (answerHealth(closed ?? (parts.isFull() ? 'storage_full' : null), request, response)) return;
    if (!request.url?.startsWith(WEBHOOK_PATH)) return void answerOther(request, response);
    if (closed) answerError(response, gatewayError(closed), { Connection: 'close' });
    else if (request.method !== 'POST') {
      const message = `incoming events are sent with POST, not ${request.method}`;
      refuse(request, response, {
        code: 'method_not_allowed',
        message,
        status: 405,
        headers: { Allow: 'POST' },
      });
    } else void answerWebhook(request, response);
  });
  // Of Node's own server since ever, but not in its types: who shuts its side down gets the answer.
  return Object.assign(server, { httpAllowHalfOpen: true });
}

/** Express and what stands on it take longer to load than all the rest: the first request that needs them waits for it. */
async function loadApp(parts: ServerParts): Promise<Express> {
  // A file that cannot be opened now, for want of a descriptor, can be with the next request; but a module whose
  // imports failed stays failed. So these come first.
  await Promise.all([import('express'), import('busboy'), import('file-type')]);
  const { createGatewayApp } = await import('./app.ts');
  const answer = (error: unknown, response: ServerResponse) => answerBug(parts, error, response);
  return createGatewayApp({ ...parts, answerBug: answer }, parts.routes);
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
