import { Router } from 'express';
import type { RestParts } from './parts.ts';
import { addReadRoutes } from './rest-reads.ts';
import { recordRequest } from './rest-request.ts';
import { addWriteRoutes } from './rest-writes.ts';
import { logRefusal } from './unmatched.ts';
import { addUploadRoute } from './uploads/upload-route.ts';

const METHODS = ['GET', 'POST', 'PATCH', 'DELETE'] as const;

/** The REST API (contract, section 4). */
export function createRestRoutes(parts: RestParts): Router {
  const router = Router({ strict: true, caseSensitive: true });
  addWriteRoutes(router, parts);
  addReadRoutes(router, parts);
  addUploadRoute(router, parts);
  router.use((request, response, next) => {
    const allowed = METHODS.filter(
      (method) => method !== request.method && matches(router, method, request.path),
    );
    if (allowed.length === 0) return next();
    const message = `${request.method} is no method of ${request.path}: it takes ${allowed.join(', ')}`;
    return logRefusal(parts.acceptor, response, {
      record: recordRequest(request),
      atsId: null,
      code: 'method_not_allowed',
      message,
      status: 405,
      headers: { Allow: allowed.join(', ') },
    });
  });
  return router;
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
