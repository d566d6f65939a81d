import { expect, test } from 'vitest';
import { validateConfigText } from '../../src/contract/config.ts';
import { parseConfigText } from '../../src/contract/config-text.ts';

/** `line path: message` of each problem. */
async function problems(text: string): Promise<string[]> {
  return (await validateConfigText(text)).map(({ line, path, message }) => `${line} ${path}: ${message}`);
}

const inConfig = (value: object) => problems(JSON.stringify(value, null, 1));

test.each([
  ['', '1 : not valid JSON: value expected'],
  ['{"port": 1', '1 : not valid JSON: close brace expected'],
  ['{"port": }', '1 : not valid JSON: value expected'],
  ['{\n "port": 1\n "db": "x"}', '3 : not valid JSON: comma expected'],
  ['{"ats": [1,,]}', '1 : not valid JSON: value expected'],
  ['{"ats": [,]}', '1 : not valid JSON: value expected'],
  ['{port: 1}', '1 : not valid JSON: invalid symbol'],
  ['{"port" 1}', '1 : not valid JSON: colon expected'],
  ['{}\n/* {}', '2 : not valid JSON: unexpected end of comment'],
  ['{}\n}', '2 : not valid JSON: end of file expected'],
  ['['.repeat(100_000), '1 : not valid JSON: it is empty or nested too deep'],
])('%j is refused with the line and what is wrong there', async (text, problem) => {
  expect(await problems(text)).toEqual([problem]);
});

test('comments and a comma after the last member may stand in it, and no place moves by them', async () => {
  const text = `{ // "port": 1,
  "host": "127.0.0.1", /* several
  lines */ "db": "a // b /* c */,}", "allowHosts": ["x" /* y */ , ],
  "prot": 1, // and the end
  /* one more */
}`;
  expect(await problems(text)).toEqual(['4 prot: is not a known field']);
  expect(parseConfigText(text)).toEqual({
    host: '127.0.0.1',
    db: 'a // b /* c */,}',
    allowHosts: ['x'],
    prot: 1,
  });
});

test('unknown keys come with those that exist there', async () => {
  const text = '{\n "prot": 1,\n "ats": [\n  {"id": "a", "webhook": "x"}\n ]\n}';
  const [first, second] = await validateConfigText(text);
  expect(first).toMatchObject({ path: 'prot', line: 2, message: 'is not a known field' });
  expect(first!.allowed).toContain('port');
  expect(second).toMatchObject({ path: 'ats[0].webhook', line: 4 });
  expect(second!.allowed).toContain('webhookUrl');
});

test('an id is there once', async () => {
  expect(await inConfig({ ats: [{ id: 'a' }, { id: 'b' }, { id: 'a' }] })).toEqual([
    '10 ats[2].id: the id a is there twice',
  ]);
  const fault = { kind: 'status-500' };
  expect(await inConfig({ faults: [{ ...fault, id: 'x' }, fault, fault, { ...fault, id: 'x' }] })).toEqual([
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
])('ai: %s', async (_name, ai, problem) => {
  const found = (await inConfig({ ai })).map((text) => text.replace(/^\d+ /, ''));
  expect(found).toEqual(problem === null ? [] : [problem]);
});

test('a text of a megabyte takes the time of reading it: few problems are reported, and no path is kept as text', async () => {
  const many = `{${Array.from({ length: 60_000 }, (_, i) => `"a${i}": 0`).join(',\n')}}`;
  const problems = await validateConfigText(many);
  expect(problems).toHaveLength(100);
  expect(problems.at(-1)).toMatchObject({ path: 'a99', line: 100 });
  // As text these paths would be 90 GB.
  const long = `{"${'k'.repeat(450_000)}": [${'0,'.repeat(200_000)}0]}`;
  expect(await validateConfigText(long)).toMatchObject([{ line: 1, message: 'is not a known field' }]);
});
