import { answerWords } from '../../transport/answer-words.ts';
import { kindOfFailure } from '../../transport/connection-failures.ts';
import { isAccepted, type PostResult } from '../post-bytes.ts';
import { failed, type ProbeRequest, passed, type Receiver, type Verdict } from './probe.ts';

export type Expected = 'accepted' | 'refused' | 'refused-4xx';

export interface Case {
  /** What is special about it, for the finding. */
  what: string;
  request: ProbeRequest;
  expected: Expected;
  /** Sent when the case does not hold: where this is not accepted either, the case shows nothing. */
  control?: ProbeRequest;
}

export const accepts = (what: string, request: ProbeRequest, control?: ProbeRequest): Case => ({
  what,
  request,
  expected: 'accepted',
  control,
});
export const refuses = (what: string, request: ProbeRequest): Case => ({
  what,
  request,
  expected: 'refused',
});

/** Longest part of an answer that a finding shows, in characters. */
const EXCERPT_LENGTH = 160;

/** Why an answer is not the one expected; `null` when it is. */
export function problemWith(result: PostResult, expected: Expected): string | null {
  // A cut connection is a refusal, if not a good one; silence until the time is up is not.
  if (!result.ok) {
    const isCut = kindOfFailure(result.code) === 'cut';
    return expected === 'refused' && isCut ? null : excerptAnswer(result);
  }
  if (expected === 'accepted') return isAccepted(result) ? null : excerptAnswer(result);
  if (isAccepted(result)) return `accepted with ${excerptAnswer(result)}`;
  if (expected === 'refused-4xx' && (result.status < 400 || result.status > 499))
    return excerptAnswer(result);
  return null;
}

/** Sends one case after the other. Ends early where no answer came in time: the rest would wait as long again. */
export async function judgeCases(receiver: Receiver, cases: readonly Case[]): Promise<Verdict> {
  const problems: string[] = [];
  for (const { what, request, expected, control } of cases) {
    const result = await receiver.post(request, what);
    const problem = problemWith(result, expected);
    if (problem !== null && (control === undefined || isAccepted(await receiver.post(control, what)))) {
      problems.push(`${what}: ${problem}`);
    }
    if (isSilent(result)) break;
  }
  return problems.length === 0 ? passed() : failed(...problems);
}

/** Whether waiting for more answers makes no sense: this one did not come in time, or nobody is there. */
export function isSilent(result: PostResult): boolean {
  const kind = result.ok ? null : kindOfFailure(result.code);
  return !result.ok && kind !== 'cut' && kind !== 'garbled' && kind !== 'long';
}

/** An answer in a few words: status and the beginning of the body, or why there is none. */
export function excerptAnswer(result: PostResult): string {
  if (!result.ok) return result.message;
  const text = answerWords(result.body) ?? '';
  const excerpt = text.length > EXCERPT_LENGTH ? `${text.slice(0, EXCERPT_LENGTH)}…` : text;
  const long = result.truncated ? `, longer than ${result.body.length} bytes` : '';
  return `${result.status}${excerpt === '' ? '' : ` ${excerpt}`}${long}`;
}
