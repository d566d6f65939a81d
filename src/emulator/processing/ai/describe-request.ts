import { AI_VERSION, type AiRequest, type AiSubject } from '../../../contract/ai.ts';
import type { AiJob } from '../backend.ts';

/** A job as a service or module gets it, without links. */
export function describeRequest(job: AiJob): AiRequest {
  const { cv } = job;
  return {
    version: AI_VERSION,
    ...job,
    cv: cv
      ? { file_name: cv.file_name, content_type: cv.content_type, size: cv.size, problem: cv.problem }
      : null,
  };
}

/** The id that a result must carry. */
export function subjectOf(job: AiJob): AiSubject {
  if (job.entity === null) return { field: 'client_id', id: job.client_id };
  return { field: `${job.event.split('.')[0]}_id`, id: job.entity.id };
}
