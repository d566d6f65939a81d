import { dirname } from 'node:path';
import express, { type RequestHandler, Router } from 'express';
import { gatewayError } from '../../contract/errors.ts';
import { findBuilt } from '../../files/find-built.ts';
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
const ASSET = /^\/assets\/[\w.-]+$/;
/** What the page calls its places. Their files are one: which is shown is read from the address. */
const PLACE = /^\/(?:(?:deliveries|trace|testing|schedule|configuration)(?:\/[^/]*)?)?$/;

/** The page for browsers: files only, all it shows comes from the control API. Nothing is read before it is asked for. */
export function createPageRoutes(): Router {
  const router = Router({ strict: true });
  let files: RequestHandler | undefined;
  const page = () => findBuilt('portal/page.html');
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
    const built = page();
    if (built === null) return next();
    files ??= express.static(dirname(built), {
      index: false,
      redirect: false,
      immutable: true,
      maxAge: '1y',
    });
    // Set again by what serves the file: its name changes with its content.
    response.removeHeader('Cache-Control');
    files(request, response, (error?: unknown) => {
      response.setHeader('Cache-Control', 'no-store');
      next(error);
    });
  });
  router.get(PLACE, (request, response) => {
    // Without the slash the page's own addresses would be relative to the folder above.
    if (!request.originalUrl.split('?')[0]!.startsWith(`${request.baseUrl}/`)) {
      return response.redirect(302, `${request.baseUrl}/`);
    }
    const built = page();
    if (built !== null) response.sendFile(built, { cacheControl: false, etag: false, lastModified: false });
    else answerError(response, gatewayError('not_found', 'The page is not built: npm run build'));
  });
  router.use((_request, response) => answerError(response, gatewayError('not_found')));
  return router;
}
