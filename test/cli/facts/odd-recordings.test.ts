import { expect, test } from 'vitest';
import { tempFolder } from '../../support/folder.ts';
import { runCli } from '../../support/program.ts';

const odd = { toString: 1, valueOf: 2, constructor: 'x', hasOwnProperty: null };

async function check(recording: object) {
  const cwd = tempFolder({ 'recording.json': JSON.stringify(recording) });
  const { code, stdout, stderr } = await runCli(['assumptions', 'check', 'recording.json', '--json'], {
    cwd,
  });
  expect(stderr).not.toContain('has a bug');
  return { code, told: JSON.parse(stdout) };
}

test('traffic whose fields are named as methods is judged as any other', async () => {
  const entry = (method: string, path: string, sent: unknown, status: number, got: unknown) => ({
    request: {
      method,
      url: `https://api.carvos.io${path}`,
      headers: [{ name: 'Content-Type', value: 'application/json' }],
      postData: { text: JSON.stringify(sent) },
    },
    response: { status, headers: [], content: { text: JSON.stringify(got) } },
  });
  const event = { event: 'application.created', event_id: 'e', reference_id: 'r', client_id: 'c' };
  const { code } = await check({
    log: {
      entries: [
        entry('POST', '/v1/webhooks/demo', odd, 422, { detail: [{ loc: [odd], msg: odd, type: odd }] }),
        entry('GET', '/v1/candidates/c1', null, 200, odd),
        entry('GET', '/v1/candidates', null, 200, { items: [odd], next_cursor: odd }),
        entry('POST', '/hook', { ...event, timestamp: odd, status: odd, data: odd }, 200, odd),
      ],
    },
  });
  expect(code).toBeLessThan(2);
});

test('a document that lists what are no names is judged by those that are', async () => {
  const schema = { type: 'object', required: [odd, 'candidate_id'], properties: { a: { enum: [odd, 'x'] } } };
  const content = { 'application/json': { schema } };
  const { code } = await check({
    openapi: '3.1.0',
    paths: {
      '/v1/candidates': { post: { requestBody: { content }, responses: { 202: { content } } } },
      '/v1/candidates/{id}': { get: { responses: { 200: { content }, 422: { content } } } },
    },
  });
  expect(code).toBeLessThan(2);
});
