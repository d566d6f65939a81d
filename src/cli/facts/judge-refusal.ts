import { ERRORS } from '../../contract/errors.ts';
import { ASSUMED_REFUSALS, type AssumedRefusal } from '../../contract/facts/facts.ts';
import type { Fact, Findings, Place } from './findings.ts';
import { errorShapeOf, fieldOf, type Shape } from './shape.ts';

/** What is refused: a refusal of the contract's, or a header that is missing, of which only the body is assumed. */
export type Refused = AssumedRefusal | 'missing_header';

/**
 * Compares a refusal with what the gateway of carvos answers; `body` is `null` where it was not recorded.
 *
 * @param fields where status and body stand, in traffic or in an OpenAPI document.
 */
export function judgeRefusal(
  findings: Findings,
  refused: Refused,
  answer: { status: number; body: Shape | null },
  place: Place,
  fields: { status: string; body: string },
): void {
  const isHeader = refused === 'missing_header';
  const assumption = isHeader ? 'missing-header-422' : ASSUMED_REFUSALS[refused];
  const expected = isHeader ? 422 : ERRORS[refused].status;
  const note = (holds: boolean, subject: string, field: string, seen: string, fact?: Fact) =>
    findings.note({ assumption, holds, place, field, seen, subject, fact });
  const name = isHeader ? 'a missing header' : refused;
  const isExpected = answer.status === expected;
  const seen = `${name} is refused with ${answer.status}${isExpected ? '' : `, not ${expected}`}`;
  const fact = { kind: 'status', code: refused, value: answer.status } as const;
  note(isExpected, `status ${refused}`, fields.status, seen, isHeader || isExpected ? undefined : fact);
  if (answer.body === null || answer.body.type === 'any') return;
  const listed = isHeader || refused === 'validation';
  const subject = `body ${listed ? 'validation' : 'refusal'}`;
  if (listed ? isProblemList(answer.body) : isDetail(answer.body)) {
    const form = listed ? '{"detail":[…]}' : '{"detail":"…"}';
    note(true, subject, fields.body, `the body has the form ${form}`);
    return;
  }
  const value = errorShapeOf(answer.body);
  note(false, subject, fields.body, `the body of ${name} is ${JSON.stringify(value)}`, {
    kind: 'error',
    of: listed ? 'validation' : 'refusal',
    value,
  });
}

function isDetail(body: Shape): boolean {
  return fieldOf(body, 'detail')?.type === 'text' && body.type === 'object' && body.fields.size === 1;
}

/** As FastAPI has it; `input` may be left out. */
function isProblemList(body: Shape): boolean {
  const detail = fieldOf(body, 'detail');
  if (detail?.type !== 'list' || body.type !== 'object' || body.fields.size !== 1) return false;
  return detail.item === null || ['type', 'loc', 'msg'].every((name) => fieldOf(detail.item, name) !== null);
}

/** Which refusals a text is about: an answer's, or the description of one. */
export function refusalsIn(text: string): AssumedRefusal[] {
  const found: AssumedRefusal[] = [];
  const says = (pattern: RegExp) => pattern.test(text);
  if (says(/signature/i)) found.push('invalid_signature');
  if (says(/\bunknown[ _-]ats\b|\bats\b[^.]*(?:not[ _]found|unknown|does not exist)/i))
    found.push('unknown_ats');
  if (says(/provisioning/i)) found.push('workspace_provisioning');
  if (says(/workspace|client|tenant/i)) {
    if (says(/already|exists\b/i) && !says(/not exist/i)) found.push('workspace_exists');
    if (says(/not[ _]found|unknown|not exist|no such|not[ _]provisioned/i)) found.push('workspace_not_found');
  }
  if (says(/event_id|event id/i) && says(/already|conflict|different|reused|used/i))
    found.push('event_id_conflict');
  if (says(/idempotency/i)) found.push('idempotency_key_conflict');
  if (says(/too large|larger than/i)) found.push(says(/file/i) ? 'file_too_large' : 'body_too_large');
  if (says(/media type|must be a pdf/i)) found.push('unsupported_media_type');
  if (says(/method not allowed/i)) found.push('method_not_allowed');
  return found;
}
