import { Router } from 'express';
import { gatewayError } from '../../contract/errors.ts';
import { calledAs } from '../../files/called-as.ts';
import { readOwnFile } from '../../files/own-parts.ts';
import { answerError } from '../http/answer.ts';

/** Nothing but files of this folder, no inline script or style, in no frame of another page. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "frame-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** One of the built files, whose names hold a hash of what is in them. */
const ASSET = /^\/assets\/[\w-]+\.(js|css|svg)$/;
/** What the page calls its places. Their files are one: which is shown is read from the address. */
const PLACE = /^\/(?:(?:deliveries|trace|testing|schedule|configuration)(?:\/[^/]*)?)?$/;

/** The page for browsers: files only, all it shows comes from the control API. Nothing is read before it is asked for. */
export function createPageRoutes(): Router {
  const router = Router({ strict: true });
  router.use((request, response, next) => {
    response.setHeader('Content-Security-Policy', POLICY);
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Referrer-Policy', 'no-referrer');
    response.setHeader('Cache-Control', 'no-store');
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      answerError(response, gatewayError('method_not_allowed'), { Allow: 'GET, HEAD' });
    } else next();
  });
  router.get(ASSET, (request, response, next) => {
    const file = readOwnFile(`portal${request.path}`);
    if (file === null) return next();
    // Its name changes with its content.
    response.setHeader('Cache-Control', 'public, max-age=31536000, immutable');
    response.type(request.path.slice(request.path.lastIndexOf('.'))).send(file);
  });
  router.get(PLACE, (request, response) => {
    // Without the slash the page's own addresses would be relative to the folder above.
    if (!request.originalUrl.split('?')[0]!.startsWith(`${request.baseUrl}/`)) {
      return response.redirect(302, `${request.baseUrl}/`);
    }
    const page = readOwnFile('portal/page.html');
    if (page !== null) response.type('html').send(page.toString().replaceAll('PROGRAM', calledAs()));
    else answerError(response, gatewayError('not_found', 'The page is not built: npm run build'));
  });
  router.use((_request, response) => answerError(response, gatewayError('not_found')));
  return router;
}
