import { type Response, Router } from 'express';
import { gatewayError } from '../../contract/errors.ts';
import { answerError } from '../http/answer.ts';
import { addReadRoutes, type ReadParts } from './rest-reads.ts';
import { addWriteRoutes, type WriteParts } from './rest-writes.ts';
import { addUploadRoute, type UploadParts } from './uploads/upload-route.ts';

const METHODS = ['GET', 'POST', 'PATCH', 'DELETE'] as const;

/** The REST API (contract, section 4). */
export function createRestRoutes(parts: WriteParts & ReadParts & UploadParts): Router {
  const router = Router({ strict: true, caseSensitive: true });
  addWriteRoutes(router, parts);
  addReadRoutes(router, parts);
  addUploadRoute(router, parts);
  router.use((request, response, next) => {
    const allowed = METHODS.filter(
      (method) => method !== request.method && matches(router, method, request.path),
    );
    if (allowed.length === 0) return next();
    parts.note('other-refusals');
    refuseMethod(response, allowed);
  });
  return router;
}

function refuseMethod(response: Response, allowed: readonly string[]): void {
  answerError(response, gatewayError('method_not_allowed'), { Allow: allowed.join(', ') });
}

/** What Express has of a route besides its published types. */
interface Layer {
  route?: { methods: Record<string, boolean> };
  match(path: string): unknown;
}

/** Whether a route of this method would have taken the path. */
function matches(router: Router, method: string, path: string): boolean {
  return (router.stack as unknown as Layer[]).some(
    (layer) => layer.route?.methods[method.toLowerCase()] === true && layer.match(path),
  );
}
