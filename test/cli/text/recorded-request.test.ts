import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { curlCommand, recordedRequest } from '../../../src/cli/text/curl.ts';

const GATEWAY = 'http://127.0.0.1:4010';

function record(direction: 'incoming' | 'outgoing', change: object = {}) {
  return {
    direction,
    request: {
      method: 'PATCH',
      url: '/v1/candidates/c-1?x=1',
      headers: { host: 'elsewhere', 'content-length': '7', 'x-api-key': 'secret-key' },
      signature: null,
      body: { text: '{"a":1}', encoding: 'utf8' as const, bytes: 7, truncated: false },
      ...change,
    },
  };
}

test('a REST call keeps its method; its key is left to the shell', () => {
  const command = curlCommand(recordedRequest(record('incoming'), GATEWAY)!, null);
  expect(command).toContain(`curl -sS -i -X PATCH '${GATEWAY}/v1/candidates/c-1?x=1'`);
  expect(command).toContain('-H "X-API-Key: $CARVOS_API_KEY"');
  expect(command).not.toMatch(/secret-key|elsewhere|content-length/i);
});

test.each(['//v1/webhooks/demo-ats', '//', '/a//b?x=//y', '//:x/'])('a path stays as it came: %s', (url) => {
  expect(recordedRequest(record('incoming', { url }), GATEWAY)!.url.href).toBe(GATEWAY + url);
  const whole = `http://other:1${url}`;
  expect(recordedRequest(record('incoming', { url: whole }), GATEWAY)!.url.href).toBe(GATEWAY + url);
});

test('a method of a snapshot from elsewhere is one word of the shell too', () => {
  const command = curlCommand(
    recordedRequest(record('incoming', { method: 'POST; exit 7 #' }), GATEWAY)!,
    null,
  );
  expect(command).toContain("-X 'POST; exit 7 #' ");
});

test.each([
  ['GET', '-X GET'],
  ['HEAD', '--head'],
  ['DELETE', '-X DELETE'],
])('%s without a body sends none, and waits for none that does not come', (method, flag) => {
  const body = { text: '', encoding: 'utf8' as const, bytes: 0, truncated: false };
  const recorded = record('incoming', { method, url: '/a', headers: {}, body });
  expect(curlCommand(recordedRequest(recorded, GATEWAY)!, null)).toBe(`curl -sS -i ${flag} ${GATEWAY}/a`);
});

test.each([
  ['text', 'Zoë\u202e \'quoted\' "$HOME" `id`', 'utf8' as const],
  ['bytes that are no text', Buffer.from([0, 0xff, 0x0a, 0x27]).toString('base64'), 'base64' as const],
])('the shell writes exactly these bytes: %s', (_name, text, encoding) => {
  const body = { text, encoding, bytes: 1, truncated: false };
  const recorded = record('outgoing', { url: 'http://127.0.0.1:3000/hook', signature: 't=1,v1=ab', body });
  const command = curlCommand(recordedRequest(recorded, GATEWAY)!, null);
  const written = execFileSync('sh', ['-c', command.replace(/curl[\s\S]*$/, 'cat')]);
  expect(written).toEqual(Buffer.from(text, encoding));
});

test('what the log holds only the beginning of, went nowhere, or came from within, is no request', () => {
  const body = { text: 'a', encoding: 'utf8' as const, bytes: 9, truncated: true };
  expect(recordedRequest(record('incoming', { body }), GATEWAY)).toBeNull();
  expect(recordedRequest(record('outgoing', { url: '' }), GATEWAY)).toBeNull();
  expect(recordedRequest(record('incoming', { url: '(in process)' }), GATEWAY)).toBeNull();
});
