import type { Request, Response } from 'express';
import { controlDocument } from '../../contract/openapi/control.ts';
import { answerJson } from '../http/answer.ts';

let document: unknown;

/** `GET /_carvos/v1/openapi.json`: made once, when it is first asked for. */
export function serveControlDocument(_request: Request, response: Response): void {
  document ??= controlDocument();
  answerJson(response, 200, document);
}
