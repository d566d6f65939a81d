import { FIELD_NAME, isEventHeader } from '../../contract/facts/facts.ts';
import { EVENT_HEADER } from '../../contract/outgoing-headers.ts';
import type { Findings, Note, Place } from './findings.ts';
import { isEntityKind, judgeEntity } from './judge-entity.ts';
import { fieldOf, fieldType, type Shape } from './shape.ts';

const ENVELOPE = new Set([
  'event',
  'event_id',
  'reference_id',
  'client_id',
  'timestamp',
  'status',
  'error',
  'data',
]);
const WORKSPACE_FIELDS: Record<string, readonly string[]> = {
  'workspace.provisioned': ['client_id', 'name'],
  'workspace.member_added': ['client_id', 'user_id', 'name', 'email'],
};

/** What an outgoing event, recorded or documented, says by its form. @param field where its body stands. */
export function judgeEvent(
  findings: Findings,
  event: string,
  body: Shape,
  place: Place,
  field: string,
  isOwn: (kind: string, name: string) => boolean,
): void {
  const noteAt = findings.at(place);
  const note: Note = (assumption, holds, at, seen, more) =>
    noteAt(assumption, holds, `${field}.${at}`, seen, more);
  if (body.type !== 'object') return;
  for (const [name, value] of body.fields) {
    if (ENVELOPE.has(name)) continue;
    findings.notKnown({ kind: 'field', what: `event.${name}`, place });
    if (FIELD_NAME.test(name))
      note('entity-fields', false, name, `an event has a field ${name} (${fieldType(value)})`, {
        fact: { kind: 'field', entity: 'envelope', name, value: fieldType(value) },
      });
  }
  const error = fieldOf(body, 'error');
  if (error !== null && error.type !== 'null' && error.type !== 'any') {
    const holds = fieldOf(error, 'code')?.type === 'text' && fieldOf(error, 'message')?.type === 'text';
    const seen = holds ? 'error has code and message' : `error is ${namesOf(error)}`;
    note('failed-event-form', holds, 'error', seen);
  }
  const data = fieldOf(body, 'data');
  if (data?.type !== 'object' || data.fields.size === 0) return;
  const [kind, action] = event.split('.') as [string, string];
  if (isEntityKind(kind)) {
    if (action === 'deleted') {
      const holds = fieldOf(data, `${kind}_id`) !== null && fieldOf(data, 'deleted') !== null;
      note('deletion-data', holds, 'data', `a deletion has ${namesOf(data)}`);
    } else {
      judgeEntity(findings, kind, data, place, `${field}.data`, (name) => isOwn(kind, name));
      const reasons = fieldOf(data, 'score_reasons');
      if (reasons !== null && !['null', 'list', 'any'].includes(reasons.type)) {
        const seen = `score_reasons is ${reasons.type}, not a list`;
        note('application-score-fields', false, 'data.score_reasons', seen);
      }
    }
  }
  const workspace = WORKSPACE_FIELDS[event];
  if (workspace !== undefined) {
    const holds = workspace.every((name) => fieldOf(data, name) !== null);
    note('workspace-event-fields', holds, 'data', `${event} has ${namesOf(data)}`);
  }
  const text = /^meeting\.(\w+)_ready$/.exec(event)?.[1];
  if (text !== undefined) {
    const holds = fieldOf(data, text) !== null;
    note('meeting-data-keys', holds, 'data', `${event} has ${namesOf(data)}`);
  }
}

export const namesOf = (shape: Shape) =>
  shape.type === 'object' ? [...shape.fields.keys()].join(', ') : shape.type;

export function judgeEventHeader(findings: Findings, name: string, place: Place, field: string): void {
  const holds = name.toLowerCase() === EVENT_HEADER.toLowerCase();
  findings.at(place)('event-type-header', holds, field, `the event-type header is ${name}`, {
    subject: 'eventHeader',
    fact: !holds && isEventHeader(name) ? { kind: 'eventHeader', value: name } : undefined,
  });
}
