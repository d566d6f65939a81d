import type { Facts } from '../../src/contract/facts/facts.ts';

/** The ways in which the gateway of `fixtures/recordings` differs from carvos, as its document marks them; sorted. */
export const DIFFERENT = [
  'answer-401-signature',
  'answer-409',
  'answer-422-form',
  'application-score-fields',
  'cv-field',
  'entity-fields',
  'event-type-header',
  'unprovisioned-workspace',
];

/** The facts that say so. */
export const FACTS: Facts = {
  version: 1,
  eventHeader: 'X-Gateway-Event',
  statuses: { invalid_signature: 403, event_id_conflict: 412, workspace_not_found: 403 },
  errors: {
    validation: {
      error: { code: '$code', message: '$message', problems: [{ field: '$field', message: '$message' }] },
    },
  },
  cvField: 'resume',
  score: { min: 0, max: 10, whole: false },
  fields: { candidate: { pronouns: 'text' } },
};
