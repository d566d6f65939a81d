import { describe, expect, test } from 'vitest';
import { mistakesIn, startExample } from '../../support/example-receiver.ts';
import { havePrograms } from '../../support/require-program.ts';
import { checkAll, expectCaught, PLAIN_PROBES } from './examples.ts';

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

describe.skipIf(!havePrograms('the Python example receivers', 'python3'))('in Python', () => {
  test('the right one passes everything', async () => {
    const url = await startExample('python');
    const { code, report } = await checkAll(url, ['--state', new URL('/events/count', url).href]);
    expect(report.probes.filter(({ outcome }) => outcome !== 'passed')).toEqual([]);
    expect(code).toBe(0);
  });

  test('the table has every mistake, and every probe has one', () => {
    expect(mistakesIn('python')).toEqual(Object.keys(CAUGHT_BY).sort());
    expect([...new Set(Object.values(CAUGHT_BY))].sort()).toEqual(PLAIN_PROBES.map(({ id }) => id).sort());
  });

  test('each mistake is caught by its probe alone', () => expectCaught('python', CAUGHT_BY));
});
