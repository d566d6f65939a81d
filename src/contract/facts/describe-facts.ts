import type { AssumptionId } from '../assumptions.ts';
import { ASSUMED_REFUSALS, type AssumedRefusal, type Facts } from './facts.ts';

/** One fact that is in force, and the assumption that it replaces. */
export interface DescribedFact {
  assumption: AssumptionId;
  fact: string;
}

/** What the facts say, one by one. */
export function describeFacts(facts: Facts | undefined): DescribedFact[] {
  if (facts === undefined) return [];
  const { eventHeader, statuses = {}, errors = {}, cvField, score, fields = {} } = facts;
  const found: DescribedFact[] = [];
  const say = (assumption: AssumptionId, fact: string) => found.push({ assumption, fact });
  if (eventHeader !== undefined) say('event-type-header', `the event-type header is ${eventHeader}`);
  for (const [code, status] of Object.entries(statuses))
    say(ASSUMED_REFUSALS[code as AssumedRefusal], `${code} is refused with ${status}`);
  if (errors.refusal !== undefined)
    say('other-refusals', `the body of a refusal is ${JSON.stringify(errors.refusal)}`);
  if (errors.validation !== undefined)
    say('answer-422-form', `the body of a validation error is ${JSON.stringify(errors.validation)}`);
  if (cvField !== undefined) say('cv-field', `a file is referenced as ${cvField}`);
  if (score !== undefined)
    say(
      'application-score-fields',
      `the score is ${score.min} to ${score.max}${score.whole ? ', a whole number' : ''}`,
    );
  for (const [kind, types] of Object.entries(fields)) {
    for (const [name, type] of Object.entries(types ?? {}))
      say(
        'entity-fields',
        `${kind === 'envelope' ? 'an event' : `the ${kind}`} has a field ${name} (${type})`,
      );
  }
  return found;
}
