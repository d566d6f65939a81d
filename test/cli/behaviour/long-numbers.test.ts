import { expect, test } from 'vitest';
import {
  checkExpectations,
  describeExpectations,
  parseExpectation,
} from '../../../src/cli/input/expectations.ts';
import { toJson } from '../../../src/cli/terminal/neutralize.ts';
import { describeAnswer } from '../../../src/cli/text/http.ts';
import { parseJson } from '../../../src/contract/json.ts';
import { tempFolder } from '../../support/folder.ts';
import { runCli } from '../../support/program.ts';
import { startRecordingServer } from '../../support/receiver.ts';

const LONG = '12345678901234567890';

test('a refusal shows the number that was sent, however long', () => {
  const answer = (input: string) =>
    Buffer.from(
      `{"detail":[{"loc":["body","client_id"],"msg":"Input should be a valid string","input":${input}}]}`,
    );
  const shown = (input: string) => describeAnswer({ headers: {}, body: answer(input) }).join();
  expect(shown(LONG)).toBe(`body.client_id: Input should be a valid string (got ${LONG})`);
  expect(shown('1e400')).toContain('(got 1e400)');
  expect(shown('0.12345678901234567890')).toContain('(got 0.12345678901234567890)');
  expect(shown('{"a":1}')).not.toContain('got');
});

test('JSON for programs keeps it too, and is not taken in by an object that looks like one', () => {
  const parsed = parseJson(Buffer.from(`{"a":[${LONG}],"b":{"isLosslessNumber":true,"value":"7"}}`));
  expect(parsed.ok && toJson(parsed.value)).toBe(`{"a":[${LONG}],"b":{"isLosslessNumber":true,"value":"7"}}`);
});

test('send --json shows the answer as it came', async () => {
  const { url } = await startRecordingServer(() => ({ status: 422, body: `{"detail":[{"input":${LONG}}]}` }));
  const { stdout } = await runCli(['send', 'candidate.created', '--url', url, '--json'], {
    cwd: tempFolder(),
  });
  expect(stdout).toContain(`"input":${LONG}`);
});

test('an expectation compares every digit, and shows them', () => {
  const text = `{"status":"success","data":{"score":${LONG}}}`;
  const body = { text, encoding: 'utf8', truncated: false, bytes: text.length };
  const check = (expected: string) =>
    checkExpectations([{ id: 'dlv_1', body } as never], [parseExpectation(`data.score=${expected}`)]);
  expect(check(LONG).met).toBe(true);
  const other = check('12345678901234567000');
  expect(other.met).toBe(false);
  expect(describeExpectations(other).join()).toContain(`it is ${LONG}`);
});

test('check sends an event of its user with its numbers', async () => {
  const { url, requests } = await startRecordingServer(() => ({ status: 200 }));
  const event = `{"event":"candidate.created","client_id":"c","data":{"candidate_id":"1","score":${LONG}}}`;
  const cwd = tempFolder({ 'own.json': event });
  const flags = ['--event', 'own.json', '--only', 'accepts-valid', '--timeout', '60s'];
  await runCli(['check', url, ...flags], { cwd });
  expect(requests[0]!.body.toString()).toContain(LONG);
});
