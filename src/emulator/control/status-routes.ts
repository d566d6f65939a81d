import type { STATUS_ROUTES } from '../../contract/control/routes/status.ts';
import { controlDocument } from '../../contract/openapi/control.ts';
import { answerJson } from '../http/answer.ts';
import type { HandlersOf } from './call.ts';
import { serveFeed } from './feed.ts';
import type { ControlParts } from './parts.ts';
import { viewStatus } from './views.ts';

/** The document of the control API: made once, when it is first asked for. */
let document: unknown;

/** The gateway as a whole. */
export function createStatusHandlers(parts: ControlParts): HandlersOf<typeof STATUS_ROUTES> {
  const serve = serveFeed(parts.liveFeed);
  return {
    status: () => viewStatus(parts),
    assumptions: ({ query }) => parts.assumptions.view(query.all === '1'),
    feed: ({ request, response }) => serve(request, response),
    controlOpenapi({ response }) {
      document ??= controlDocument();
      answerJson(response, 200, document);
    },
  };
}
