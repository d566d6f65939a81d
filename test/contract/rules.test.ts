import { expect, test } from 'vitest';
import { tamperBody } from '../../src/contract/faults.ts';
import { stringifyJson } from '../../src/contract/json.ts';
import { buildOutgoing } from '../../src/contract/outgoing.ts';
import { nextAttemptDue } from '../../src/contract/retry-schedule.ts';

test('a failed attempt is made again 1, 5, 30 and 120 minutes after its end, the fifth not', () => {
  const minutes = [1, 2, 3, 4, 5].map((step) => {
    const due = nextAttemptDue(step, 1000);
    return due === null ? null : (due - 1000) / 60_000;
  });
  expect(minutes).toEqual([1, 5, 30, 120, null]);
});

test.each([
  ['{"a":"bx"}', '{"a":"by"}'],
  ['{"a":"b" ,"c":1}', '{"a":"x" ,"c":1}'],
  ['{"key":1}', '{"key":1x'],
  ['{"key" : 12}', '{"key" : 12x'],
  ['plain', 'plaix'],
  ['x', 'y'],
  ['', ''],
])('of %j one byte is changed: %j', (body, changed) => {
  expect(Buffer.from(tamperBody(Buffer.from(body))).toString()).toBe(changed);
});

test('a time that is text already stays as it is, one that is a number is written in whole seconds', () => {
  const parts = { event: 'candidate.created', event_id: 'e', reference_id: 'r', client_id: 'c' } as const;
  expect(buildOutgoing({ ...parts, timestamp: '2026-01-02T03:04:05Z' }).timestamp).toBe(
    '2026-01-02T03:04:05Z',
  );
  expect(buildOutgoing({ ...parts, timestamp: 999 }).timestamp).toBe('1970-01-01T00:00:00Z');
});

test('what JSON has no word for is written as null', () => {
  expect(stringifyJson(undefined)).toBe('null');
});
