import { expect, test } from 'vitest';
import { outgoingEventOf, readAnswer } from '../../src/contract/ai.ts';
import { outgoingSample } from '../../src/contract/samples.ts';

const EXPECTED =
  'expected {"data": {…}}, {"error": {"code", "message"}}, {"nothing": true} or {"default": true}';
const SUBJECT = { field: 'candidate_id', id: 'c-1' };
const read = (text: string) => readAnswer(Buffer.from(text), 'candidate.created', SUBJECT);

test('a workspace is asked for as created and told of as provisioned', () => {
  expect(outgoingEventOf('workspace.created')).toBe('workspace.provisioned');
  expect(outgoingEventOf('candidate.deleted')).toBe('candidate.deleted');
});

test.each([
  ['{"error":{"code":"c","message":"m"}}', { kind: 'failure', error: { code: 'c', message: 'm' } }],
  [
    '{"error":{"code":"c","message":""}}',
    { kind: 'failure', error: { code: 'c', message: 'the AI says so' } },
  ],
  ['{"nothing":true}', { kind: 'nothing' }],
  ['{"default":true}', { kind: 'default' }],
])('%s', (text, answer) => {
  expect(read(text)).toEqual(answer);
});

test.each([
  ['', 'the answer is not JSON: Field required'],
  ['{', /^the answer is not JSON: JSON decode error/],
  ['[]', EXPECTED],
  ['null', EXPECTED],
  ['"text"', EXPECTED],
  ['{}', EXPECTED],
  ['{"result":1,"x":2}', `${EXPECTED}, got "result", "x"`],
])('%j is a bad answer, and the message says why', (text, message) => {
  const answer = read(text);
  expect(answer.kind).toBe('bad');
  expect(answer.kind === 'bad' && answer.message).toMatch(message);
});

test('data is held to the contract of the event, and to the entity that was asked about', () => {
  const data = { ...outgoingSample('candidate.created').data, candidate_id: 'c-2' };
  expect(read(JSON.stringify({ data }))).toEqual({
    kind: 'bad',
    message: 'the answer is about another candidate_id than the job',
  });
  const mine = { ...data, candidate_id: 'c-1' };
  expect(read(JSON.stringify({ data: mine }))).toEqual({ kind: 'result', data: mine });
  const answer = read('{"data":{"candidate_id":1,"skills":"x"}}');
  expect(answer).toMatchObject({ kind: 'bad' });
  expect(answer.kind === 'bad' && answer.message).toMatch(
    /^the answer does not fit candidate\.created: data\./,
  );
});
