import { createHash, timingSafeEqual } from 'node:crypto';
import type { NextFunction, Request, Response } from 'express';
import { gatewayError } from '../../contract/errors.ts';
import { answerError } from '../http/answer.ts';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Lets a request through only with an allowed `Host` (against DNS rebinding) and no foreign `Origin` (against web pages). */
export function createHostGuard(allowHosts: readonly string[]) {
  const allowed = new Set([...LOOPBACK, ...allowHosts.map((host) => host.toLowerCase())]);
  return (request: Request, response: Response, next: NextFunction): void => {
    const { host, origin } = request.headers;
    // Without the port. An IPv6 address keeps its brackets.
    const name = (host ?? '').toLowerCase().replace(/:\d+$/, '');
    if (!allowed.has(name)) answerError(response, gatewayError('forbidden_host'));
    else if (origin !== undefined && !(URL.canParse(origin) && new URL(origin).host === host))
      answerError(response, gatewayError('forbidden_origin'));
    else next();
  };
}

/** Lets a request to the control API through only with the token. */
export function createTokenGuard(token: string) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const given = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (given !== undefined && equalText(given, token)) next();
    else answerError(response, gatewayError('unauthorized'), { 'WWW-Authenticate': 'Bearer' });
  };
}

/** Constant time, also for texts of different length. */
function equalText(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
