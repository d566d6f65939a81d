import { expect, test } from 'vitest';
import { createRunRecord } from '../../../src/cli/exec/run-record.ts';
import { createPaint } from '../../../src/cli/terminal/output.ts';
import type { FeedEntry } from '../../../src/contract/control.ts';

test('of a long run the end is kept, and it is said how much is left out', () => {
  const record = createRunRecord({});
  const take = (from: number, to: number) => {
    for (let id = from; id < to; id++)
      record.take({ type: 'notice', level: 'info', text: `number ${id}.` } as FeedEntry);
  };
  const lines = () => record.lines(createPaint(false));
  take(0, 3999);
  expect(lines()).toHaveLength(3999);
  take(3999, 4001);
  const cut = lines();
  expect(cut[0]).toBe('(2000 earlier entries are left out)');
  expect([cut.length, cut[1], cut.at(-1)]).toEqual([
    2002,
    expect.stringContaining('number 2000.'),
    expect.stringContaining('number 4000.'),
  ]);
  take(4001, 6000);
  expect(lines()[0]).toBe('(4000 earlier entries are left out)');
});
