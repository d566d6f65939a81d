import type { ServerResponse } from 'node:http';
import { stringifyJson } from '../../contract/json.ts';
import { escapeJson } from '../../contract/unsafe-characters.ts';

/** Answers with JSON, compact, as FastAPI does. */
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
  response.end(text);
}

export function answerError(
  response: ServerResponse,
  error: { status: number; body: unknown },
  headers?: Record<string, string>,
): void {
  answerJson(response, error.status, error.body, headers);
}
