import type { EntityKind } from '../../store/entities.ts';
import type { AiJob, AiResult } from '../backend.ts';
import { waitWallTime } from '../wait-wall-time.ts';
import { type Magic, magicOf } from './magic.ts';
import { normalizeEntity } from './normalize.ts';
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
  if (job.event === 'workspace.created') return provisioned(job);
  if (job.event === 'workspace.member_added') return memberAdded(job);
  const [kind, action] = job.event.split('.') as [EntityKind, string];
  const field = `${kind}_id`;
  const id = { [field]: job.entity?.id ?? job.request[field] };
  if (action === 'deleted') return { ...id, deleted: true };
  const profile = { ...normalizeEntity(kind, job.entity?.data ?? {}), ...id };
  return job.event === 'application.created' ? { ...profile, ...scoreOf(job, magic) } : profile;
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
