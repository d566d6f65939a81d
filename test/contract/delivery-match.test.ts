import { expect, test } from 'vitest';
import {
  type Criterion,
  checkDelivery,
  criteriaOf,
  findClosest,
  type Matchable,
  parseCriterion,
} from '../../src/contract/delivery-match.ts';

const DELIVERY: Matchable = {
  id: 'dlv_1',
  event: 'application.created',
  event_id: 'evt_1',
  reference_id: 'ref-1',
  client_id: null,
  ats_id: 'demo-ats',
  state: 'delivered',
  last_outcome: 'success',
  attempt_count: 1,
  test: false,
  payload: { status: 'success', data: { score: 87, tags: [], extra: {}, text: '87' } },
};

const holds = (path: string[], expected: unknown) =>
  checkDelivery(DELIVERY, [{ text: 'x', path, expected }]).met;
const typedHolds = (text: string) => checkDelivery(DELIVERY, [parseCriterion(text) as Criterion]).met;

test('what was typed may be the text or spell a JSON value; a value of a program is that value alone', () => {
  expect(typedHolds('data.score=87')).toBe(true);
  expect(typedHolds('data.text=87')).toBe(true);
  expect(typedHolds('data.score=eighty')).toBe(false);
  expect(holds(['data', 'score'], 87)).toBe(true);
  expect(holds(['data', 'score'], '87')).toBe(false);
});

test('a list is no object, and what is not there fits nothing', () => {
  expect(holds(['data', 'tags'], [])).toBe(true);
  expect(holds(['data', 'tags'], {})).toBe(false);
  expect(holds(['data', 'extra'], {})).toBe(true);
  expect(holds(['data', 'other'], undefined)).toBe(false);
  expect(holds(['client_id'], null)).toBe(false);
});

test('an object is one criterion for each value in it, an empty one is one itself', () => {
  expect(criteriaOf(['data'], { score: 87, more: { a: 1, b: undefined } }).map(({ text }) => text)).toEqual([
    'data.score=87',
    'data.more.a=1',
  ]);
  expect(criteriaOf(['data', 'extra'], {}).map(({ text }) => text)).toEqual(['data.extra={}']);
});

test('of several that come equally close the first is shown', () => {
  const criteria = criteriaOf([], { event: 'application.created', attempts: 2 });
  const second = { ...DELIVERY, id: 'dlv_2' };
  expect(findClosest([DELIVERY, second], criteria)).toMatchObject({ met: false, delivery: 'dlv_1' });
  expect(findClosest([DELIVERY, { ...second, attempt_count: 2 }], criteria)).toMatchObject({
    met: true,
    delivery: 'dlv_2',
  });
});

test.each([
  ['data.score>=87', true],
  ['data.score>87', false],
  ['data.score<=87', true],
  ['data.score<100', true],
  ['data.score!=87', false],
  ['data.text!=87', false],
  ['data.score!=3', true],
  ['data.text~=^8.$', true],
  ['data.text~=9', false],
  ['data.score!', true],
  ['data.other!', false],
  ['data.other!=1', true],
  ['attempts<=1', true],
  ['attempts>1', false],
  ['outcome=delivered', true],
  ['outcome=success', true],
  ['outcome!=exhausted', true],
  ['outcome!=success', false],
])('%s is read, and is %s', (text, met) => {
  expect(typedHolds(text)).toBe(met);
});

test('what cannot be asked for is said', () => {
  expect(parseCriterion('attemps=3')).toEqual({ unknown: 'attemps' });
  expect(parseCriterion('data=3')).toEqual({ unknown: 'data' });
  expect(parseCriterion('data.score')).toBeNull();
});

test('a matcher of a program is a criterion for each thing it asks for', () => {
  const criteria = criteriaOf(['data'], { score: { gte: 40, lt: 50 } });
  expect(criteria.map(({ text }) => text)).toEqual(['data.score gte 40', 'data.score lt 50']);
  expect(checkDelivery(DELIVERY, criteria).checks.map(({ holds: one }) => one)).toEqual([true, false]);
});
