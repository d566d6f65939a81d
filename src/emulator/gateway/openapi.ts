import type { Request, Response } from 'express';
import { gatewayDocument } from '../../contract/openapi/gateway.ts';
import { answerJson } from '../http/answer.ts';

let document: unknown;

/** `GET /openapi.json`: made once, when it is first asked for. */
export function serveGatewayDocument(_request: Request, response: Response): void {
  document ??= gatewayDocument();
  answerJson(response, 200, document);
}
