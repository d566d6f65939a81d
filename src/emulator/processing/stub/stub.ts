import type { AiJob, AiResult } from '../backend.ts';
import { waitWallTime } from '../wait-wall-time.ts';
import { type Magic, magicOf } from './magic.ts';
import { normalizeApplication, normalizeCandidate, normalizeVacancy } from './normalize.ts';
import { scoreApplication } from './score.ts';

type Fields = Record<string, unknown>;

/**
 * The AI that needs no AI: the same job always gets the same result, except where a tag in the
 * candidate's e-mail decides otherwise (see `MAGIC_TAGS`).
 *
 * Rejects with the signal's reason when it is aborted, also during a `+slow-…` delay.
 */
export async function askStub(job: AiJob, signal: AbortSignal): Promise<AiResult> {
  const magic = magicOf(job);
  signal.throwIfAborted();
  await waitWallTime(magic.slowMs, signal);
  if (magic.failWith !== null) {
    const message = "The AI failed because the candidate's e-mail address asks for it.";
    return { kind: 'failure', error: { code: magic.failWith, message } };
  }
  if (magic.noResult) return { kind: 'nothing' };
  return { kind: 'result', data: resultOf(job, magic) };
}

function resultOf(job: AiJob, magic: Magic): Fields {
  const fields = job.entity?.data ?? {};
  switch (job.event) {
    case 'candidate.created':
    case 'candidate.updated':
      return { ...normalizeCandidate(fields), candidate_id: idOf(job, 'candidate_id') };
    case 'vacancy.created':
    case 'vacancy.updated':
      return { ...normalizeVacancy(fields), vacancy_id: idOf(job, 'vacancy_id') };
    case 'application.updated':
      return { ...normalizeApplication(fields), application_id: idOf(job, 'application_id') };
    case 'application.created':
      return {
        ...normalizeApplication(fields),
        application_id: idOf(job, 'application_id'),
        ...scoreOf(job, magic),
      };
    case 'candidate.deleted':
      return { candidate_id: idOf(job, 'candidate_id'), deleted: true };
    case 'vacancy.deleted':
      return { vacancy_id: idOf(job, 'vacancy_id'), deleted: true };
    case 'application.deleted':
      return { application_id: idOf(job, 'application_id'), deleted: true };
    case 'workspace.created':
      return provisioned(job);
    case 'workspace.member_added':
      return memberAdded(job);
  }
}

function idOf(job: AiJob, field: string): unknown {
  return job.entity?.id ?? job.request[field];
}

function scoreOf(job: AiJob, magic: Magic): Fields {
  if (magic.score !== null) {
    const reason = `The score is ${magic.score} because the candidate's e-mail address says +score-${magic.score}.`;
    return { score: magic.score, score_reasons: [reason] };
  }
  const { score, reasons } = scoreApplication(
    job.candidate?.data ?? null,
    job.vacancy?.data ?? null,
    job.cv_text,
  );
  const problem = job.cv?.problem;
  const unread = problem ? [`The CV ${job.cv!.file_name} could not be read: ${problem}.`] : [];
  return { score, score_reasons: [...unread, ...reasons] };
}

/** By REST there is no `user_id`: the admin's member id is then the e-mail address (contract, section 3). */
function provisioned({ request, client_id, user_id }: AiJob): Fields {
  return {
    client_id,
    name: request.name,
    status: 'provisioned',
    admin: {
      user_id: user_id ?? request.user_id ?? request.admin_email,
      name: request.admin_name,
      email: request.admin_email,
    },
  };
}

/** In the webhook `user_id` is who acts and `member_user_id` who joins; REST has only the latter, as `user_id`. */
function memberAdded({ request, client_id }: AiJob): Fields {
  return {
    client_id,
    user_id: request.member_user_id ?? request.user_id,
    name: request.name,
    email: request.email,
  };
}
