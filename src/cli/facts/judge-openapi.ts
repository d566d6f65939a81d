import { OUTGOING_EVENTS } from '../../contract/event-names.ts';
import { MAX_ID_LENGTH } from '../../contract/limits.ts';
import { IDEMPOTENCY_HEADER } from '../../contract/rest.ts';
import { asFields, type Fields, stringField } from '../recordings/fields.ts';
import { type Call, knownStatuses, matchCall } from './calls.ts';
import type { Findings } from './findings.ts';
import { USUAL_HEADER } from './history.ts';
import { type EntityKind, isEntityKind, judgeEntity } from './judge-entity.ts';
import { judgeEvent, judgeEventHeader, namesOf } from './judge-event.ts';
import { judgeRefusal, type Refused, refusalsIn } from './judge-refusal.ts';
import { judgeScoreRange } from './judge-score.ts';
import { fieldOf, resolve, type Shape, shapeOfSchema } from './shape.ts';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
const NEEDED: Record<string, readonly string[]> = {
  vacancy: ['title', 'vacancy_id'],
  application: ['application_id', 'candidate_id', 'vacancy_id'],
};

interface Document {
  findings: Findings;
  file: string;
  root: Fields;
}

export function judgeOpenapi(findings: Findings, file: string, root: Fields): void {
  const document = { findings, file, root };
  for (const [path, item] of entriesOf(root.paths)) {
    const operations = resolve(root, item);
    if (operations === null) continue;
    for (const method of METHODS) {
      const operation = asFields(operations[method]);
      const call = operation === null ? null : matchCall(method.toUpperCase(), path);
      if (operation === null || call === null) continue;
      judgeOperation(document, call, operation, `#/paths/${escapePart(path)}/${method}`);
    }
    judgeMethods(document, path, operations);
  }
  for (const [name, item] of entriesOf(root.webhooks)) {
    const operation = asFields(resolve(root, item)?.post);
    if (operation !== null) judgeWebhook(document, name, operation, `#/webhooks/${escapePart(name)}/post`);
  }
}

const escapePart = (part: string) => part.replaceAll('~', '~0').replaceAll('/', '~1');
const entriesOf = (value: unknown) => Object.entries(asFields(value) ?? {});

const noteAt = ({ findings, file }: Document, at: string) => findings.at({ file, at });

/** What updates, deletes and reads an entity or workspace. */
function judgeMethods(document: Document, path: string, operations: Fields): void {
  const call = matchCall('GET', path);
  if (call === null || !call.known) return;
  const note = noteAt(document, `#/paths/${escapePart(path)}`);
  const names = METHODS.filter((method) => asFields(operations[method]) !== null);
  const has = (...wanted: string[]) => wanted.every((method) => names.includes(method));
  if (call.kind === 'read') {
    note('rest-patch-delete', has('patch', 'delete'), path, `there are ${names.join(', ')}`);
    note('rest-reads', has('get'), path, `there are ${names.join(', ')}`);
  }
  if (call.kind === 'workspace-read' && path.includes('{'))
    note('workspace-reads', has('get'), path, `there are ${names.join(', ')}`);
}

function judgeOperation(document: Document, call: Call, operation: Fields, at: string): void {
  const { root } = document;
  const note = noteAt(document, at);
  const headers = parametersOf(root, operation, 'header');
  if (headers.some((name) => name.toLowerCase() === IDEMPOTENCY_HEADER.toLowerCase()))
    note('idempotency-key', true, 'parameters', `there is ${IDEMPOTENCY_HEADER}`);
  for (const [status, given] of entriesOf(operation.responses))
    judgeResponse(document, call, Number(status), resolve(root, given), `${at}/responses/${status}`);
  if (call.kind === 'list' && call.entity !== null) {
    const query = parametersOf(root, operation, 'query');
    const holds = query.includes('limit') && query.includes('cursor');
    note('rest-reads', holds, 'parameters', `a list takes ${query.join(', ') || 'no parameters'}`);
  }
  const body = schemaOf(resolve(root, operation.requestBody));
  if (body === undefined) return;
  if (call.kind === 'webhook') judgeIncoming(document, body, at);
  else if (call.kind === 'write' && call.method === 'POST' && call.entity !== null) {
    const shape = shapeOfSchema(root, body);
    judgeFields(document, call.entity, shape, `${at}/requestBody`);
    const needed = NEEDED[call.entity];
    if (needed !== undefined && shape.type === 'object' && (shape.required?.size ?? 0) > 0) {
      const required = [...shape.required!].sort();
      const seen = `${call.name} needs ${required.join(', ')}`;
      note('rest-vacancy-application-fields', required.join() === needed.join(), 'required', seen);
    }
  } else if (call.kind === 'write' && call.entity !== null)
    judgeFields(document, call.entity, shapeOfSchema(root, body), `${at}/requestBody`);
}

/** An incoming event: one schema for each, told apart by `event`. */
function judgeIncoming(document: Document, schema: unknown, at: string): void {
  const { root } = document;
  const union = resolve(root, schema);
  const alternatives = [union?.oneOf, union?.anyOf].find(Array.isArray) ?? [schema];
  const names = alternatives.flatMap((one: unknown) => {
    const shape = shapeOfSchema(root, one);
    const named = fieldOf(shape, 'event');
    const events = named?.type === 'text' ? (named.values ?? []) : [];
    const kinds = new Set(events.map((event) => event.split('.')[0]!));
    const [kind] = kinds;
    if (kinds.size === 1 && isEntityKind(kind!)) judgeFields(document, kind, shape, `${at}/requestBody`);
    return events;
  });
  if (names.length < 3) return;
  const holds = names.includes('workspace.member_added');
  const seen = holds ? 'workspace.member_added comes in' : 'workspace.member_added is not among the events';
  noteAt(document, at)('workspace-member-added-incoming', holds, 'requestBody', seen);
}

function judgeFields(document: Document, kind: EntityKind, shape: Shape, at: string): void {
  const { findings, file } = document;
  judgeEntity(findings, kind, shape, { file, at }, 'properties', () => false);
  const id = fieldOf(shape, `${kind}_id`);
  if (id?.type !== 'text' || id.maxLength === undefined) return;
  const seen = `${kind}_id has up to ${id.maxLength} characters`;
  const holds = id.maxLength === MAX_ID_LENGTH;
  noteAt(document, at)('identifier-form', holds, `properties.${kind}_id.maxLength`, seen);
}

function judgeResponse(
  document: Document,
  call: Call,
  status: number,
  response: Fields | null,
  at: string,
): void {
  const { root, findings, file } = document;
  const place = { file, at };
  const schema = schemaOf(response);
  const shape = schema === undefined ? null : shapeOfSchema(root, schema);
  if (status < 400) {
    if (!Number.isNaN(status) && !knownStatuses(call).has(status))
      findings.notKnown({ kind: 'status', what: `${call.name} ${status}`, place });
    if (shape !== null && call.entity !== null && call.kind === 'read')
      judgeFields(document, call.entity, shape, at);
    if (shape !== null && call.entity !== null && call.kind === 'list') {
      const holds = fieldOf(shape, 'items') !== null && fieldOf(shape, 'next_cursor') !== null;
      noteAt(document, at)('rest-reads', holds, 'schema', `a list has ${namesOf(shape)}`);
    }
    return;
  }
  const refused = refusedBy(call, status, stringField(response, 'description') ?? '');
  for (const one of refused)
    judgeRefusal(findings, one, { status, body: shape }, place, { status: 'responses', body: 'schema' });
  if (refused.length === 0 && !Number.isNaN(status) && !knownStatuses(call).has(status))
    findings.notKnown({ kind: 'status', what: `${call.name} ${status}`, place });
}

/** Which refusals a documented answer is, by its description; by its status where that is the one we know. */
function refusedBy(call: Call, status: number, description: string): Refused[] {
  const found: Refused[] = refusalsIn(description).filter(
    (one) => one !== 'invalid_signature' || call.kind === 'webhook',
  );
  if (status >= 500 || status === 429) return [];
  if (status === 422 || /validation|not valid|invalid (?:body|request|json|event)/i.test(description))
    return ['validation'];
  if (found.length > 0) return found;
  if (call.kind === 'webhook' && status === 401) return ['invalid_signature'];
  if (status === 413) return [call.kind === 'upload' ? 'file_too_large' : 'body_too_large'];
  if (status === 415) return ['unsupported_media_type'];
  return call.kind === 'read' && status === 404 ? ['entity_not_found'] : [];
}

function judgeWebhook(document: Document, name: string, operation: Fields, at: string): void {
  const { root, findings, file } = document;
  const place = { file, at };
  for (const header of parametersOf(root, operation, 'header')) {
    if (/event/i.test(header)) judgeEventHeader(findings, header, place, 'parameters');
    else if (!USUAL_HEADER.test(header))
      findings.notKnown({ kind: 'header', what: header.toLowerCase(), place });
  }
  const schema = schemaOf(resolve(root, operation.requestBody));
  if (schema === undefined) return;
  const shape = shapeOfSchema(root, schema);
  const named = fieldOf(shape, 'event');
  const values = named?.type === 'text' ? (named.values ?? []) : [];
  const event = [...values, name].find((one) => (OUTGOING_EVENTS as readonly string[]).includes(one));
  if (event === undefined) return;
  judgeEvent(findings, event, shape, place, 'properties', () => false);
  const score = fieldOf(shape, 'data', 'score');
  if (score?.type === 'number') judgeScoreRange(findings, score, place);
}

function schemaOf(holder: Fields | null): unknown {
  const content = asFields(holder?.content);
  const [, media] = Object.entries(content ?? {}).find(([type]) => /json/i.test(type)) ?? [];
  return asFields(media)?.schema;
}

/** Their names. */
function parametersOf(root: Fields, operation: Fields, place: string): string[] {
  const list = Array.isArray(operation.parameters) ? operation.parameters : [];
  return list.flatMap((one) => {
    const parameter = resolve(root, one);
    const name = stringField(parameter, 'name');
    return name !== null && parameter?.in === place ? [name] : [];
  });
}
