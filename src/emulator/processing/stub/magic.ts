import type { AiJob } from '../backend.ts';

/**
 * Magic candidates: tags behind a `+` in a candidate's e-mail address that decide what the stub
 * answers, with no configuration, as payment providers have test cards. Tags combine:
 * `jane+slow-3s+score-42@example.com`. Unknown tags are ordinary parts of the address.
 */
export const MAGIC_TAGS = [
  {
    tag: '+score-42',
    example: 'jane+score-42@example.com',
    on: 'application.created',
    description: 'The score is exactly 42. Any whole number from 0 to 100.',
  },
  {
    tag: '+ai-fail',
    example: 'jane+ai-fail@example.com',
    on: 'candidate.*, application.*',
    description: 'The AI fails: the webhook has status "failed" and error code "ai_failed".',
  },
  {
    tag: '+ai-fail-CODE',
    example: 'jane+ai-fail-rate_limited@example.com',
    on: 'candidate.*, application.*',
    description: 'The same with an error code of your own: lower-case letters, digits and underscores.',
  },
  {
    tag: '+slow-3s',
    example: 'jane+slow-3s@example.com',
    on: 'candidate.*, application.*',
    description: 'The AI takes 3 seconds of real time. Units ms, s and m; at most 10 minutes.',
  },
  {
    tag: '+no-result',
    example: 'jane+no-result@example.com',
    on: 'candidate.*, application.*',
    description: 'The AI gives no result: no webhook follows.',
  },
] as const;

/** Longest delay that `+slow-…` can ask for, in milliseconds of wall time. */
export const MAX_SLOW_MS = 10 * 60_000;

export interface Magic {
  /** 0 to 100, or `null` when no tag decides it. */
  score: number | null;
  /** Error code, or `null`. */
  failWith: string | null;
  /** Milliseconds of wall time. */
  slowMs: number;
  noResult: boolean;
}

const SCORE = /^score-([0-9]{1,3})$/;
const FAIL = /^ai-fail(?:-([a-z0-9_]{1,40}))?$/;
const SLOW = /^slow-([0-9]{1,7})(ms|s|m)$/;
const UNIT_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000 };
/** No address is longer (RFC 5321); what is longer holds no tags. */
const MAX_EMAIL_LENGTH = 320;

/** Reads the tags of one e-mail address. Case does not count; the last of two tags of a kind wins. */
export function parseMagic(email: unknown): Magic {
  const magic: Magic = { score: null, failWith: null, slowMs: 0, noResult: false };
  if (typeof email !== 'string' || email.length > MAX_EMAIL_LENGTH) return magic;
  const at = email.lastIndexOf('@');
  if (at < 0) return magic;
  for (const tag of email.slice(0, at).toLowerCase().split('+').slice(1)) {
    const score = SCORE.exec(tag);
    if (score && Number(score[1]) <= 100) magic.score = Number(score[1]);
    const fail = FAIL.exec(tag);
    if (fail) magic.failWith = fail[1] ?? 'ai_failed';
    const slow = SLOW.exec(tag);
    if (slow) magic.slowMs = Math.min(MAX_SLOW_MS, Number(slow[1]) * (UNIT_MS[slow[2]!] ?? 0));
    if (tag === 'no-result') magic.noResult = true;
  }
  return magic;
}

/** The tags that decide a job: those of its candidate, on candidate and application events only. */
export function magicOf(job: AiJob): Magic {
  if (job.event.startsWith('candidate.')) return parseMagic(job.entity?.data.email ?? job.request.email);
  if (job.event.startsWith('application.')) return parseMagic(job.candidate?.data.email);
  return parseMagic(undefined);
}
