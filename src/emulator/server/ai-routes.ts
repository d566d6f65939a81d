import { Router } from 'express';
import { MAX_AI_ANSWER_BYTES } from '../../contract/ai.ts';
import { gatewayError } from '../../contract/errors.ts';
import { readBody } from '../../transport/read-body.ts';
import { answerError, answerJson } from '../http/answer.ts';
import type { AiLinks } from '../processing/ai/links.ts';
import type { Store } from '../store/store.ts';
import { findUpload, getChunk } from '../store/uploads.ts';

/** What an AI service reaches by the single-use links of its jobs, and nothing else. */
export function createAiRoutes(store: Store, links: AiLinks): Router {
  const router = Router();

  router.post('/callbacks/:token', async (request, response) => {
    const read = await readBody(request, MAX_AI_ANSWER_BYTES);
    if (!read.ok) {
      if (read.reason === 'too_large')
        answerError(response, gatewayError('body_too_large'), { Connection: 'close' });
      else if (read.reason === 'incomplete' && read.status !== null)
        answerError(
          response,
          { ...gatewayError('bad_request'), status: read.status },
          { Connection: 'close' },
        );
      return;
    }
    const verdict = links.callBack(request.params.token, read.body);
    if (verdict === 'taken') answerJson(response, 200, { status: 'received' });
    else if (verdict === 'unknown') answerError(response, gatewayError('unknown_link'));
    else if (verdict === 'used') answerError(response, gatewayError('link_used'));
    else answerError(response, gatewayError('bad_ai_answer', verdict.problem));
  });

  router.get('/files/:token', async (request, response) => {
    // Express answers HEAD with the routes of GET.
    const { token } = request.params;
    const file = request.method === 'HEAD' ? links.lookUpFile(token) : links.takeFile(token);
    if (file === 'unknown') return answerError(response, gatewayError('unknown_link'));
    if (file === 'used') return answerError(response, gatewayError('link_used'));
    const upload = findUpload(store, file.atsId, file.clientId, file.fileId);
    if (!upload) return answerError(response, gatewayError('unknown_link'));
    response.writeHead(200, {
      'Content-Type': upload.content_type,
      'Content-Length': upload.size,
      'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(Buffer.from(upload.file_name).toString('utf8'))}`,
      'X-Content-Type-Options': 'nosniff',
    });
    if (request.method === 'HEAD') return void response.end();
    for (let number = 0; !response.destroyed; number++) {
      const chunk = getChunk(store, upload.seq, number);
      if (!chunk) break;
      if (!response.write(chunk)) {
        // A reader that went away drains never.
        await new Promise<void>((resolve) => {
          response.once('drain', resolve);
          response.once('close', resolve);
        });
      }
    }
    response.end();
  });

  router.use((_request, response) => answerError(response, gatewayError('not_found')));
  return router;
}
