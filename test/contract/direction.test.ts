import { expect, test } from 'vitest';
import { fromWire, readDirection, toWire } from '../../src/contract/control/direction.ts';

const OURS = {
  items: [
    { delivery_id: 'dlv_1', direction: 'incoming' },
    { id: 'dlv_2', last_outcome: null, direction: 'outgoing', data: { direction: 'incoming' } },
  ],
  closest: { direction: 'incoming' },
};

test('directions of the log are translated at any depth; a field of that name in data is left alone', () => {
  const wire = toWire(OURS);
  expect(wire).toEqual({
    items: [
      { delivery_id: 'dlv_1', direction: 'inbound' },
      { id: 'dlv_2', last_outcome: null, direction: 'outbound', data: { direction: 'incoming' } },
    ],
    closest: { direction: 'incoming' },
  });
  expect(fromWire(wire)).toEqual(OURS);
});

test('what was translated is a copy, and what is no direction stays what it is', () => {
  const entry = { type: 'x', record: { delivery_id: 'dlv_1', direction: 'incoming' }, at: new Date(0) };
  const copy = toWire(entry);
  expect(entry.record.direction).toBe('incoming');
  expect(copy.at).toBe(entry.at);
  const odd = JSON.parse('{"delivery_id":"x","direction":"sideways","__proto__":{"direction":"inbound"}}');
  expect(JSON.stringify(fromWire(odd))).toBe(JSON.stringify(odd));
});

test("somebody's data is left alone, whatever it looks like, and a direction that is no text stops nothing", () => {
  const looks = '{"delivery_id":"x","direction":"incoming","diagnosis":{"direction":{"toString":1}}}';
  const value = JSON.parse(
    `{"data":${looks},"checks":[{"actual":${looks}}],"odd":${looks.replace('"incoming"', '{"toString":1}')},"name":{"diagnosis":null,"direction":"constructor"}}`,
  );
  expect(JSON.stringify(toWire(value))).toBe(JSON.stringify(value));
});

test('both pairs of words are understood', () => {
  expect((['incoming', 'inbound', 'outgoing', 'outbound'] as const).map(readDirection)).toEqual([
    'incoming',
    'incoming',
    'outgoing',
    'outgoing',
  ]);
});
