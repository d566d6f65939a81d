import { type Response, Router } from 'express';
import { gatewayError } from '../../contract/errors.ts';
import { answerError } from './answer.ts';
import { addReadRoutes, type ReadParts } from './rest-reads.ts';
import { addWriteRoutes, type WriteParts } from './rest-writes.ts';

const METHODS = ['GET', 'POST', 'PATCH', 'DELETE'] as const;

/** The REST API (contract, section 4). */
export function createRestRoutes(parts: WriteParts & ReadParts): Router {
  const router = Router({ strict: true, caseSensitive: true });
  addWriteRoutes(router, parts);
  addReadRoutes(router, parts);
  router.use((request, response, next) => {
    const allowed = METHODS.filter((method) => method !== request.method && matches(router, method, request.path));
    if (allowed.length === 0) next();
    else refuseMethod(response, allowed);
  });
  return router;
}

function refuseMethod(response: Response, allowed: readonly string[]): void {
  answerError(response, gatewayError('method_not_allowed'), { Allow: allowed.join(', ') });
}

/** Whether a route of another method would have taken the path. */
function matches(router: Router, method: string, path: string): boolean {
  return router.stack.some((layer) => {
    const route = layer.route as unknown as { methods: Record<string, boolean> } | undefined;
    return route?.methods[method.toLowerCase()] === true && layer.match(path);
  });
}
