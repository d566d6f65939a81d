import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerJson } from '../http/answer.ts';
import type { ClosedFor } from '../incoming/request-gate.ts';

/** Why it accepts nothing, or cannot store what comes: that is tried, and refused. */
export type NotReadyFor = ClosedFor | 'storage_full';

export const HEALTH_PATHS = ['/healthz', '/readyz'];

const READINESS: Record<NotReadyFor, string> = {
  starting: 'starting',
  shutting_down: 'stopping',
  replacing: 'replacing',
  storage_unusable: 'unusable',
  storage_full: 'full',
};

/** Answers whoever waits for the gateway or watches it; false for every other request. */
export function answerHealth(
  notReadyFor: NotReadyFor | null,
  { method, url = '' }: IncomingMessage,
  response: ServerResponse,
): boolean {
  const [path] = url.split('?', 1);
  if ((method !== 'GET' && method !== 'HEAD') || !HEALTH_PATHS.includes(path!)) return false;
  if (path === '/healthz') answerJson(response, 200, { status: 'ok' });
  else
    answerJson(response, notReadyFor ? 503 : 200, { status: notReadyFor ? READINESS[notReadyFor] : 'ready' });
  return true;
}
