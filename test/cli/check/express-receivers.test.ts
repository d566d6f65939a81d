import { testExamples } from './examples.ts';

/** Each example receiver with a mistake, and the one probe that is meant for it. */
const CAUGHT_BY: Record<string, string> = {
  'assumes-fields': 'every-event',
  'checks-presence-only': 'wrong-signature',
  'conflict-on-duplicate': 'duplicate',
  'crashes-on-header': 'malformed-header',
  'either-secret': 'other-direction',
  'empty-old-secret': 'wrong-secret',
  'first-v1-only': 'two-v1',
  'ignores-age': 'stale',
  'ignores-future': 'future',
  'incoming-secret': 'accepts-valid',
  'insists-on-order': 'reorder',
  'decodes-pieces': 'split-characters',
  'known-event-first': 'tampered-body',
  'looks-before-it-stores': 'duplicate-at-once',
  milliseconds: 'accepts-valid',
  'never-verifies': 'missing-signature',
  'no-dedupe': 'duplicate',
  'one-at-a-time': 'concurrent',
  'remembers-signatures': 'other-body',
  'restringified-json': 'raw-bytes',
  'short-age': 'recent',
  'shows-stack-trace': 'no-stack-trace',
  'small-limit': 'large-body',
  'strict-events': 'unknown-event',
  'strict-fields': 'unknown-fields',
  'trusts-unsigned': 'missing-signature',
  'works-before-answering': 'accepts-valid',
};

testExamples('express', CAUGHT_BY);
