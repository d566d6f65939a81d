import type { ServerResponse } from 'node:http';
import { type GatewayErrorCode, gatewayError } from '../../contract/errors.ts';
import { stringifyJson } from '../../contract/json.ts';
import { escapeJson } from '../../contract/unsafe-characters.ts';

/**
 * Answers with JSON, compact, as FastAPI does. Where the client closes after it and is still sending what nobody has begun
 * to read, that is read first: it would see a reset and not the answer.
 */
export function answerJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  if (response.headersSent || response.destroyed) return;
  const text = escapeJson(stringifyJson(body));
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
    ...headers,
  });
  const { req: request } = response;
  const isRead = request.complete || request.readableFlowing !== null;
  if (response.shouldKeepAlive || isRead || headers.Connection === 'close') return void response.end(text);
  response.write(text);
  for (const event of ['end', 'close', 'broken-body']) request.once(event, () => response.end());
  request.resume();
}

export function answerError(
  response: ServerResponse,
  error: { status: number; body: unknown },
  headers?: Record<string, string>,
): void {
  answerJson(response, error.status, error.body, headers);
}

/**
 * Refuses while nothing is accepted. The connection is closed only where the gateway ends: a client that is still sending
 * a large body when that happens sees a reset and not the answer.
 */
export function answerClosed(response: ServerResponse, closed: GatewayErrorCode): void {
  const goesOn = closed === 'replacing' || closed === 'storage_unusable';
  answerError(response, gatewayError(closed), goesOn ? {} : { Connection: 'close' });
}
