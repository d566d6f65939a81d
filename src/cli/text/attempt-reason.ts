import type { LogRecordDetail } from '../../contract/control.ts';
import type { DiagnosisView } from '../../contract/diagnosis.ts';
import { formatFindings } from './diagnosis.ts';
import { type FailedAttempt, hintForAttempt } from './hints.ts';

/** Why an attempt failed, as lines: what is proved of its signature, or else what its answer suggests. */
export function explainAttempt(
  attempt: FailedAttempt & {
    diagnosis?: DiagnosisView | null | undefined;
    /** Where the configuration has another secret than the gateway. */
    differing?: readonly string[] | undefined;
  },
): string[] {
  const findings = attempt.diagnosis ? formatFindings(attempt.diagnosis) : [];
  if (findings.length === 0) {
    const hint = hintForAttempt(attempt);
    if (hint !== null) findings.push(hint);
  }
  if (attempt.record.response_status === 401) findings.push(...(attempt.differing ?? []));
  return findings;
}

/**
 * The same for a record of the log; nothing for one that did not fail, or is incoming.
 *
 * @param shown whether its answer is shown beside it.
 * @param location where its answer redirects to.
 */
export function explainRecord(
  record: LogRecordDetail,
  {
    shown = false,
    location = null,
    differing,
  }: { shown?: boolean; location?: string | null; differing?: readonly string[] | undefined },
): string[] {
  if (record.direction === 'incoming' || (record.outcome !== 'failure' && record.outcome !== 'error'))
    return [];
  const { response, request, diagnosis } = record;
  const answer = response?.body.encoding === 'utf8' ? response.body.text : null;
  return explainAttempt({ record, url: request.url, answer, shown, location, diagnosis, differing });
}
