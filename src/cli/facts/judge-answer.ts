import { isIncomingEvent, parseIncomingEvent } from '../../contract/incoming.ts';
import { CLIENT_HEADER, COLLECTIONS, IDEMPOTENCY_HEADER, USER_HEADER } from '../../contract/rest.ts';
import { SIGNATURE_HEADER } from '../../signing/header.ts';
import { type Exchange, headerValues, type RecordedAnswer } from '../recordings/exchange.ts';
import { asFields, type Fields, stringField } from '../recordings/fields.ts';
import { type Call, knownStatuses } from './calls.ts';
import type { Findings, Note, Place } from './findings.ts';
import { type History, hashOf, readBody } from './history.ts';
import { isEntityKind, judgeCv, judgeEntity } from './judge-entity.ts';
import { judgeRefusal, type Refused, refusalsIn } from './judge-refusal.ts';
import { shapeOf } from './shape.ts';

export interface Answered {
  call: Call;
  exchange: Exchange;
  /** Of the request. */
  body: Fields | null;
  place: Place;
  history: History;
}

const DAYS_3_MS = 72 * 3_600_000;

export function judgeAnswer(findings: Findings, answered: Answered): void {
  const { call, exchange, body, place } = answered;
  const { answer } = exchange;
  if (answer === null) return;
  const note = findings.at(place);
  const got = readBody(answer.body);
  const isError = answer.status >= 400;
  if (isError) {
    const refused = classify(answered, answer, got);
    remember(answered, null);
    if (refused !== null) {
      const shape = got === null ? null : shapeOf(got);
      const fields = { status: 'response.status', body: 'response.body' };
      judgeRefusal(findings, refused, { status: answer.status, body: shape }, place, fields);
      if (call.name.startsWith('PATCH') && refused === 'method_not_allowed')
        note('rest-patch-delete', false, 'response.status', `${call.name} is refused with ${answer.status}`);
      return;
    }
  }
  const what = `${call.name} ${answer.status}`;
  if (!knownStatuses(call).has(answer.status)) findings.notKnown({ kind: 'status', what, place });
  else if (isError && got !== null && Object.keys(got).join() !== 'detail')
    findings.notKnown({ kind: 'error body', what: `${what}: ${Object.keys(got).join(', ')}`, place });
  if (answer.status < 200 || answer.status > 299) return;
  judgeAccepted(answered, stringField(got, 'reference_id'), note);
  if (body !== null) noteSent(findings, answered, body);
  remember(answered, stringField(got, 'reference_id'));
  if (got !== null) judgeRead(findings, answered, got, note);
}

/** Why a request was refused, from what was sent and, where that does not tell, from what the answer says. */
function classify(
  { call, exchange, body, history }: Answered,
  answer: RecordedAnswer,
  got: Fields | null,
): Refused | null {
  const { headers } = exchange;
  const has = (name: string) => headerValues(headers, name).some((value) => value !== '');
  const said = refusalsIn(textsIn(got).join('\n'));
  const says = (one: Refused) => (said as Refused[]).includes(one);
  if (!call.known) return answer.status === 405 ? 'method_not_allowed' : 'not_found';
  if (answer.status === 405) return 'method_not_allowed';
  if (call.kind === 'webhook') {
    if (!has(SIGNATURE_HEADER)) return 'invalid_signature';
  } else if (!has('X-API-Key')) return null;
  else if (needsTenant(call) && (!has(CLIENT_HEADER) || (call.kind !== 'upload' && !has(USER_HEADER))))
    return 'missing_header';
  const earlier = history.sent.get(identityOf(exchange, call, body) ?? '');
  const [first] = said;
  if (call.kind === 'webhook' && says('invalid_signature')) return 'invalid_signature';
  if (earlier !== undefined && exchange.body !== null && earlier.hash !== hashOf(exchange.body))
    return call.kind === 'webhook' ? 'event_id_conflict' : 'idempotency_key_conflict';
  if (isInvalid(call, body)) return 'validation';
  if (first !== undefined) return call.kind === 'webhook' || first !== 'invalid_signature' ? first : null;
  if (call.kind === 'read' && answer.status === 404) return 'entity_not_found';
  if (answer.status === 413) return call.kind === 'upload' ? 'file_too_large' : 'body_too_large';
  if (answer.status === 415) return 'unsupported_media_type';
  return answer.status === 422 ? 'validation' : null;
}

const needsTenant = ({ kind }: Call) =>
  kind === 'write' || kind === 'read' || kind === 'list' || kind === 'upload';

function isInvalid({ kind, entity, method }: Call, body: Fields | null): boolean {
  if (body === null) return false;
  if (kind === 'webhook') return !parseIncomingEvent(body).ok;
  if (kind !== 'write' || method !== 'POST' || entity === null) return false;
  const collection = Object.values(COLLECTIONS).find((one) => one.kind === entity)!;
  return !collection.create.safeParse(body).success;
}

function textsIn(value: unknown, depth = 0): string[] {
  if (typeof value === 'string') return [value.slice(0, 500)];
  if (typeof value !== 'object' || value === null || depth > 5) return [];
  return Object.values(value)
    .slice(0, 50)
    .flatMap((one) => textsIn(one, depth + 1));
}

/** What makes a request idempotent. */
function identityOf({ headers }: Exchange, call: Call, body: Fields | null): string | null {
  const key = headerValues(headers, IDEMPOTENCY_HEADER)[0];
  if (call.kind !== 'webhook') return key === undefined ? null : JSON.stringify([call.name, key]);
  const id = stringField(body, 'event_id');
  return id === null ? null : JSON.stringify([stringField(body, 'client_id'), id]);
}

function remember({ exchange, call, body, history }: Answered, reference: string | null): void {
  const identity = identityOf(exchange, call, body);
  if (identity === null || exchange.body === null || reference === null) return;
  if (!history.sent.has(identity)) history.sent.set(identity, { hash: hashOf(exchange.body), reference });
}

function judgeAccepted(
  { call, exchange, body, history }: Answered,
  reference: string | null,
  note: Note,
): void {
  const identity = identityOf(exchange, call, body);
  const earlier = identity === null ? undefined : history.sent.get(identity);
  if (earlier !== undefined && reference !== null && exchange.body !== null) {
    const webhook = call.kind === 'webhook';
    if (earlier.hash === hashOf(exchange.body)) {
      const holds = earlier.reference === reference;
      const seen = `the same again gets ${holds ? 'the first' : 'another'} reference_id`;
      const id = webhook ? 'idempotent-event-id' : 'idempotency-key';
      note(id, holds, 'response.body.reference_id', seen);
    } else {
      const id = webhook ? 'answer-409' : 'idempotency-key';
      note(id, false, 'response.status', 'another body under a known id is accepted');
    }
  }
  const t = /t=([0-9]{1,12})/.exec(headerValues(exchange.headers, SIGNATURE_HEADER)[0] ?? '')?.[1];
  if (call.kind === 'webhook' && t !== undefined && exchange.at !== null) {
    const age = Math.abs(exchange.at / 1000 - Number(t));
    const seen = `t is ${Math.round(age)} s off and accepted`;
    if (age > 305) note('signature-incoming-tolerance', false, `request.headers.${SIGNATURE_HEADER}`, seen);
  }
  if (call.kind === 'write') {
    const seen = `${call.name} is accepted`;
    if (call.method !== 'POST') note('rest-patch-delete', true, 'response.status', seen);
    else if (call.entity !== 'candidate' && !isInvalid(call, body))
      note('rest-vacancy-application-fields', true, 'response.status', seen);
  }
  if (call.kind === 'webhook' && body?.event === 'workspace.created')
    note('workspace-created-by-signature', true, 'response.status', 'workspace.created is accepted');
  if (call.kind === 'webhook' && body?.event === 'workspace.member_added')
    note('workspace-member-added-incoming', true, 'response.status', 'workspace.member_added is accepted');
}

/** What the ATS sent is no fact of the gateway, but for the reference to a file, which it accepted. */
function noteSent(findings: Findings, { call, place, history }: Answered, body: Fields): void {
  const kind = call.entity ?? (isIncomingEvent(body.event) ? body.event.split('.')[0]! : '');
  if (!isEntityKind(kind)) return;
  const own = history.ownFields.get(kind) ?? new Set();
  history.ownFields.set(kind, own);
  const shape = shapeOf(body);
  if (shape.type !== 'object') return;
  for (const [name, value] of shape.fields) {
    own.add(name);
    judgeCv(findings, name, value, { place, field: `request.body.${name}` });
  }
}

function judgeRead(findings: Findings, { call, place, history }: Answered, got: Fields, note: Note): void {
  const { kind, entity } = call;
  const isOwn = (name: string) => history.ownFields.get(entity ?? '')?.has(name) ?? false;
  if (kind === 'read' && entity !== null) {
    note('rest-reads', true, 'response.status', `${call.name} answers`);
    judgeEntity(findings, entity, shapeOf(got), place, 'response.body', isOwn);
  } else if (kind === 'list' && entity !== null) {
    const holds = Array.isArray(got.items) && 'next_cursor' in got;
    note('rest-reads', holds, 'response.body', `a list has ${Object.keys(got).slice(0, 20).join(', ')}`);
    const [item] = Array.isArray(got.items) ? got.items : [];
    if (asFields(item)) judgeEntity(findings, entity, shapeOf(item), place, 'response.body.items[0]', isOwn);
  } else if (kind === 'workspace-read')
    note('workspace-reads', true, 'response.status', `${call.name} answers`);
  else if (kind === 'upload') {
    const at = (name: string) => Date.parse(stringField(got, name) ?? '');
    const lasts = at('expires_at') - at('uploaded_at');
    const seen = `a file expires after ${lasts / 3_600_000} hours`;
    if (!Number.isNaN(lasts)) note('upload-expiry', lasts === DAYS_3_MS, 'response.body.expires_at', seen);
  }
}
