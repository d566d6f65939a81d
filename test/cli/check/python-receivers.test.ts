import { describe } from 'vitest';
import { havePrograms } from '../../support/require-program.ts';
import { testExamples } from './examples.ts';

/** Each example receiver with a mistake, and the one probe that is meant for it. */
const CAUGHT_BY: Record<string, string> = {
  assumes_fields: 'every-event',
  checks_presence_only: 'wrong-signature',
  crashes_on_header: 'malformed-header',
  decodes_pieces: 'split-characters',
  either_secret: 'other-direction',
  ignores_age: 'stale',
  ignores_future: 'future',
  incoming_secret: 'accepts-valid',
  insists_on_order: 'reorder',
  known_event_first: 'tampered-body',
  last_v1_only: 'two-v1',
  looks_before_it_stores: 'duplicate-at-once',
  no_dedupe: 'duplicate',
  one_at_a_time: 'concurrent',
  remembers_signatures: 'other-body',
  rewritten_json: 'raw-bytes',
  short_age: 'recent',
  shows_stack_trace: 'no-stack-trace',
  small_limit: 'large-body',
  strict_events: 'unknown-event',
  strict_fields: 'unknown-fields',
  strips_the_body: 'raw-bytes',
  trusts_unsigned: 'missing-signature',
  unset_secret: 'wrong-secret',
  works_before_answering: 'accepts-valid',
};

describe.skipIf(!havePrograms('the Python example receivers', 'python3'))('in Python', () =>
  testExamples('python', CAUGHT_BY),
);
