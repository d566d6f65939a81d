import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Express } from 'express';
import { gatewayError } from '../../contract/errors.ts';
import { WEBHOOK_PATH } from '../../contract/paths.ts';
import { handleBrokenRequests } from '../../transport/broken-requests.ts';
import { describeHost } from '../../transport/describe-broken.ts';
import { cutOff } from '../../transport/read-body.ts';
import { logBroken, logRefusal, recordBare, type Unmatched } from '../gateway/unmatched.ts';
import { handleWebhook } from '../gateway/webhook-ingress.ts';
import { answerClosed, answerError } from '../http/answer.ts';
import { closeWithConnection } from '../http/close-with-connection.ts';
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
    closeWithConnection(request, response);
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

  const options = {
    requestTimeout: 30_000,
    headersTimeout: 15_000,
    // As usual gateways have it: after Node's five seconds a client may take up a connection that is being closed.
    keepAliveTimeout: 75_000,
    // A request with a wrong `Host` is refused below, so that it leaves a line too.
    requireHostHeader: false,
  };
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
    readTarget(request);
    const closed = parts.closedFor();
    const bad = describeHost(request);
    if (bad !== null) {
      if (!closed) return refuse(request, response, bad);
      return answerError(response, gatewayError('bad_request'), { Connection: 'close' });
    }
    if (answerHealth(closed ?? (parts.isFull() ? 'storage_full' : null), request, response)) return;
    if (!request.url?.startsWith(WEBHOOK_PATH)) return void answerOther(request, response);
    if (closed) answerClosed(response, closed);
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

/** A client may send the whole URL, as to a proxy: then its host counts, and not the header's (RFC 9112, 3.2.2). */
function readTarget(request: IncomingMessage): void {
  const [whole, host] = /^https?:\/\/([^/?#]*)/i.exec(request.url ?? '') ?? [];
  if (whole === undefined) return;
  request.url = request.url!.slice(whole.length).replace(/^(?!\/)/, '/');
  request.headers.host = host;
}

function answerBug(parts: ServerParts, error: unknown, response: ServerResponse): void {
  parts.onError(error);
  answerError(response, gatewayError(storageTrouble(error) ?? 'internal'));
}
