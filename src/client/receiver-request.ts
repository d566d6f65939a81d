import type { IncomingMessage, ServerResponse } from 'node:http';
import type { VerifyFailure } from '../signing/index.ts';
import { findMisnamedSignature } from '../signing/misnamed-header.ts';
import { explainMismatch } from '../transport/explain-mismatch.ts';
import type { PostResult } from './post-bytes.ts';

/** Largest body that a receiver reads: far above what CarvOS sends. */
export const MAX_RECEIVED_BYTES = 16 * 1024 * 1024;

/** Of one connection only, so never passed on (RFC 9110, section 7.6.1). */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

export interface ReceivedNames {
  event: string | null;
  event_id: string | null;
  reference_id: string | null;
  client_id: string | null;
}

/** What a body says about itself; `null` for everything that is not there, or not text. */
export function readNames(body: Buffer): ReceivedNames {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString('utf8'));
  } catch {
    parsed = null;
  }
  const fields = (typeof parsed === 'object' && parsed !== null ? parsed : {}) as Record<string, unknown>;
  const text = (name: string) => (typeof fields[name] === 'string' ? fields[name] : null);
  return {
    event: text('event'),
    event_id: text('event_id'),
    reference_id: text('reference_id'),
    client_id: text('client_id'),
  };
}

/** A request's headers as they came, without what belongs to its connection, for another server. */
export function headersToForward(request: IncomingMessage): Record<string, string[]> {
  const headers: Record<string, string[]> = {};
  const names = new Map<string, string>();
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    const name = request.rawHeaders[index] ?? '';
    const key = name.toLowerCase();
    if (HOP_BY_HOP.has(key) || key === 'content-length') continue;
    // The other server may route by its own name, so it gets that one, and the original beside it.
    const written = key === 'host' ? 'X-Forwarded-Host' : (names.get(key) ?? name);
    names.set(key, written);
    headers[written] = [...(headers[written] ?? []), request.rawHeaders[index + 1] ?? ''];
  }
  return headers;
}

/** Answers with what another server answered; 502 when it did not. */
export function passOn(response: ServerResponse, result: PostResult): number {
  if (!result.ok || result.truncated) {
    const detail = result.ok ? 'the answer of the forward URL is too long' : result.message;
    return answerJson(response, 502, { detail });
  }
  for (const [name, value] of Object.entries(result.headers)) {
    if (!HOP_BY_HOP.has(name) && name !== 'content-length') response.setHeader(name, value);
  }
  response.writeHead(result.status);
  response.end(result.body);
  return result.status;
}

export function answerJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): number {
  if (status === 204 || status === 205 || status === 304) {
    response.writeHead(status, headers).end();
  } else {
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(value));
  }
  return status;
}

/** What is to be seen in a request that does not verify, beside its signature. */
export function describeProblem(
  request: IncomingMessage,
  body: Buffer,
  reason: VerifyFailure,
  fits: (body: Buffer) => boolean,
): string | null {
  if (/^\/v1\/webhooks(?:\/|$)/.test(request.url ?? ''))
    return `${request.url} is a path of the gateway, which takes incoming events (carvos dev): this is a receiver of outgoing ones`;
  if (reason === 'header_missing') return findMisnamedSignature(request.rawHeaders);
  if (reason === 'mismatch') return explainMismatch(request, body, fits)?.message ?? null;
  return null;
}
