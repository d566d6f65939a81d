import { createHash, timingSafeEqual } from 'node:crypto';
import type { NextFunction, Request, Response } from 'express';
import { gatewayError } from '../../contract/errors.ts';
import { answerError } from '../http/answer.ts';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Lets a request to the control API through only with the token, an allowed `Host` (against DNS
 * rebinding) and no foreign `Origin` (against web pages).
 */
export function createGuard(token: string, allowHosts: readonly string[]) {
  const allowed = new Set([...LOOPBACK, ...allowHosts.map((host) => host.toLowerCase())]);
  return (request: Request, response: Response, next: NextFunction): void => {
    if (!allowed.has(hostNameOf(request.headers.host))) {
      answerError(response, gatewayError('forbidden_host'));
      return;
    }
    const { origin } = request.headers;
    if (origin !== undefined && !(URL.canParse(origin) && new URL(origin).host === request.headers.host)) {
      answerError(response, gatewayError('forbidden_origin'));
      return;
    }
    const given = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (given === undefined || !equalText(given, token)) {
      answerError(response, gatewayError('unauthorized'), { 'WWW-Authenticate': 'Bearer' });
      return;
    }
    next();
  };
}

/** Without the port. An IPv6 address keeps its brackets. */
function hostNameOf(host: string | undefined): string {
  return (host ?? '').toLowerCase().replace(/:\d+$/, '');
}

/** Constant time, also for texts of different length. */
function equalText(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
