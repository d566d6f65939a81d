import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerJson } from '../http/answer.ts';
import type { ClosedFor } from '../incoming/request-gate.ts';

export const HEALTH_PATHS = ['/healthz', '/readyz'];

const READINESS: Record<ClosedFor, string> = {
  starting: 'starting',
  shutting_down: 'stopping',
  replacing: 'replacing',
  storage_unusable: 'unusable',
};

/** Answers whoever waits for the gateway or watches it; false for every other request. */
export function answerHealth(
  closedFor: ClosedFor | null,
  { method, url = '' }: IncomingMessage,
  response: ServerResponse,
): boolean {
  const [path] = url.split('?', 1);
  if ((method !== 'GET' && method !== 'HEAD') || !HEALTH_PATHS.includes(path!)) return false;
  if (path === '/healthz') answerJson(response, 200, { status: 'ok' });
  else answerJson(response, closedFor ? 503 : 200, { status: closedFor ? READINESS[closedFor] : 'ready' });
  return true;
}
