import { expect, test } from 'vitest';
import { parseFacts } from '../../src/contract/facts/facts.ts';

test('a facts file is told where it is wrong, and what of it', async () => {
  const text = '{"version": 1,\n"fields": {"candidate": {"date-of-birth": "text"}},\n"cvFields": "cv"}';
  expect(await parseFacts(text)).toEqual({
    ok: false,
    problems: [
      { line: 2, message: 'fields.candidate.date-of-birth: is not the name of a field' },
      { line: 3, message: 'there is no field "cvFields" here' },
    ],
  });
});
