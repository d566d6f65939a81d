import { Application, Candidate, Vacancy } from '../../contract/entities.ts';
import { FIELD_NAME } from '../../contract/facts/facts.ts';
import type { Findings, Place } from './findings.ts';
import { fieldOf, fieldType, type Shape } from './shape.ts';

export const ENTITIES = { candidate: Candidate, vacancy: Vacancy, application: Application } as const;
export type EntityKind = keyof typeof ENTITIES;
export const isEntityKind = (name: string): name is EntityKind => Object.hasOwn(ENTITIES, name);

/** Fields whose names could not be read in CarvOS's documentation, and what they are taken to hold. */
const UNREAD: Record<EntityKind, Record<string, readonly Shape['type'][]>> = {
  candidate: { phone: ['text'], location: ['text'], headline: ['text'], skills: ['list'] },
  vacancy: {
    description: ['text'],
    location: ['text'],
    employment_type: ['text'],
    requirements: ['text', 'list'],
  },
  application: { stage: ['text'], applied_at: ['text'] },
};
/** Of events alone, and what the stub adds to a profile. */
const BESIDE = new Set([
  'event',
  'event_id',
  'client_id',
  'user_id',
  'score',
  'score_reasons',
  'deleted',
  'full_name',
]);

/**
 * Judges the fields of an entity that the gateway itself shows or documents.
 *
 * @param isOwn whether a name is the ATS's own: it sent a field of that name, which comes back.
 */
export function judgeEntity(
  findings: Findings,
  kind: EntityKind,
  shape: Shape,
  place: Place,
  field: string,
  isOwn: (name: string) => boolean,
): void {
  if (shape.type !== 'object') return;
  const note = findings.at(place);
  for (const [name, value] of shape.fields) {
    if (value.type === 'null') continue;
    const at = `${field}.${name}`;
    if (judgeCv(findings, name, value, { place, field: at })) continue;
    const expected = Object.hasOwn(UNREAD[kind], name) ? UNREAD[kind][name] : undefined;
    if (expected !== undefined) {
      const holds = value.type === 'any' || expected.includes(value.type);
      const seen = `${name} of the ${kind} is ${value.type}${holds ? '' : `, not ${expected.join(' or ')}`}`;
      note('entity-fields', holds, at, seen);
    } else if (Object.hasOwn(ENTITIES[kind].shape, name) || BESIDE.has(name)) continue;
    else if (isOwn(name)) note('extra-fields-kept', true, at, `${name} comes back`);
    else {
      const fact = FIELD_NAME.test(name)
        ? ({ kind: 'field', entity: kind, name, value: fieldType(value) } as const)
        : undefined;
      note('entity-fields', false, at, `the ${kind} has a field ${name} (${fieldType(value)})`, { fact });
      findings.notKnown({ kind: 'field', what: `${kind}.${name}`, place });
    }
  }
}

/** Whether a field references a file, and what that says. */
export function judgeCv(
  findings: Findings,
  name: string,
  value: Shape,
  { place, field }: { place: Place; field: string },
): boolean {
  if (fieldOf(value, 'carv_file_id') === null) return false;
  const holds = name === 'cv';
  const fact = !holds && FIELD_NAME.test(name) ? ({ kind: 'cvField', value: name } as const) : undefined;
  findings.at(place)('cv-field', holds, field, `a file is referenced as ${name}`, {
    subject: 'cvField',
    fact,
  });
  return true;
}
