import { expect, test } from 'vitest';
import { validateConfigText } from '../../src/contract/config.ts';

/** `line path: message` of each problem. */
function problems(text: string): string[] {
  return validateConfigText(text).map(({ line, path, message }) => `${line} ${path}: ${message}`);
}

const inConfig = (value: object) => problems(JSON.stringify(value, null, 1));

test.each([
  ['', '1 : not valid JSON: the text ends here, too early'],
  ['{"port": 1', '1 : not valid JSON: expected a comma or }'],
  ['{"port": }', '1 : not valid JSON: expected a value'],
  ['{\n "port": 1,\n}', '3 : not valid JSON: a comma before } is not allowed in JSON'],
  ['{"ats": [1,]}', '1 : not valid JSON: a comma before ] is not allowed in JSON'],
  ['{port: 1}', '1 : not valid JSON: expected a key in double quotes'],
  ['{"port" 1}', '1 : not valid JSON: expected a colon'],
  ['{\n "port": // mine\n 1}', '2 : not valid JSON: comments are not allowed in JSON'],
  ['{}\n}', '2 : not valid JSON: there is something after the end'],
  ['['.repeat(200), '1 : not valid JSON: nested too deep'],
])('%j is refused with the line and what is wrong there', (text, problem) => {
  expect(problems(text)).toEqual([problem]);
});

test('unknown keys come with those that exist there', () => {
  const text = '{\n "prot": 1,\n "ats": [\n  {"id": "a", "webhook": "x"}\n ]\n}';
  const [first, second] = validateConfigText(text);
  expect(first).toMatchObject({ path: 'prot', line: 2, message: 'is not a known field' });
  expect(first!.allowed).toContain('port');
  expect(second).toMatchObject({ path: 'ats[0].webhook', line: 4 });
  expect(second!.allowed).toContain('webhookUrl');
});

test('an id is there once', () => {
  expect(inConfig({ ats: [{ id: 'a' }, { id: 'b' }, { id: 'a' }] })).toEqual([
    '10 ats[2].id: the id a is there twice',
  ]);
  const fault = { kind: 'status-500' };
  expect(inConfig({ faults: [{ ...fault, id: 'x' }, fault, fault, { ...fault, id: 'x' }] })).toEqual([
    expect.stringMatching(/ faults\[3\]\.id: the id x is there twice$/),
  ]);
});

test.each<[string, object, string | null]>([
  ['a module that is not named', { mode: 'module' }, 'ai.mode: is module: say which in "module"'],
  ['a module that is named', { mode: 'module', module: './ai.mjs' }, null],
  ['a stub beside no playback', { playbackOrStub: true }, 'ai.playbackOrStub: is for playback'],
  ['a stub beside playback', { playbackOrStub: true, playback: 'recordings' }, null],
  [
    'recording what is played back',
    { record: 'a', playback: 'b' },
    'ai.record: does not go together with playback',
  ],
  ['recording', { record: 'a' }, null],
  ['replace without data', { rules: [{ delay: '1s', replace: true }] }, 'ai.rules[0].replace: is for data'],
  ['replace with data', { rules: [{ data: {}, replace: true }] }, null],
  ['two answers', { rules: [{ data: {}, fail: 'x' }] }, 'ai.rules[0].fail: does not go together with data'],
  ['no answer', { rules: [{}] }, 'ai.rules[0]: must say data, fail, nothing or delay'],
])('ai: %s', (_name, ai, problem) => {
  const found = inConfig({ ai }).map((text) => text.replace(/^\d+ /, ''));
  expect(found).toEqual(problem === null ? [] : [problem]);
});

test('a text of a megabyte takes the time of reading it: few problems are told, and no path is kept as text', () => {
  const many = `{${Array.from({ length: 60_000 }, (_, i) => `"a${i}": 0`).join(',\n')}}`;
  const problems = validateConfigText(many);
  expect(problems).toHaveLength(100);
  expect(problems.at(-1)).toMatchObject({ path: 'a99', line: 100 });
  // As text these paths would be 90 GB.
  const long = `{"${'k'.repeat(450_000)}": [${'0,'.repeat(200_000)}0]}`;
  expect(validateConfigText(long)).toMatchObject([{ line: 1, message: 'is not a known field' }]);
});
