import { expect, test } from 'vitest';
import { CONTROL_ROUTES, schemasOf } from '../../../src/contract/control/routes.ts';
import { CALL_NAMES, CONTROL_CALLS, CONTROL_PREFIX } from '../../../src/contract/control.ts';
import { listAppRoutes } from '../../support/app-routes.ts';
import { candidateCreated, postWebhook, SECRETS, startTestEmulator } from '../../support/emulator.ts';
import { signLikeTheGuides } from '../../support/sign.ts';

const DEEP = 50_000;
/** What is no body, and the cause that the answer must name. */
const ODD: Record<string, { body: Buffer; cause: string }> = {
  'brackets that open': { body: Buffer.from('['.repeat(DEEP)), cause: 'nested deeper than 128 levels' },
  'objects in objects': {
    body: Buffer.from(`${'{"a":'.repeat(DEEP)}1${'}'.repeat(DEEP)}`),
    cause: 'nested deeper than 128 levels',
  },
  'a letter': { body: Buffer.from('x'), cause: 'JSON decode error' },
  'no UTF-8': { body: Buffer.from([0x22, 0xff, 0x22]), cause: 'not valid UTF-8' },
  'a byte order mark': { body: Buffer.from('\ufeff{}'), cause: 'byte order mark' },
};
/** Their body is no JSON. */
const NO_JSON = ['POST /uploads', `PUT ${CONTROL_PREFIX}/snapshot`];

const writes = listAppRoutes().filter(({ method }) => method !== 'GET');
const takesJson = new Set(
  CALL_NAMES.filter((name) => 'request' in CONTROL_ROUTES[name]).map((name) => {
    const { method, path } = CONTROL_CALLS[name];
    return `${method.toUpperCase()} ${CONTROL_PREFIX}${path}`;
  }),
);

test('the calls with a body are known', () => {
  expect(takesJson.size).toBeGreaterThanOrEqual(Object.keys(schemasOf('request')).length);
  const paths = new Set(writes.map(({ method, path }) => `${method} ${path}`));
  for (const call of takesJson) expect(paths).toContain(call);
});

test.each(Object.entries(ODD))(
  'no route answers 5xx to %s; what is read is a 422 with the cause',
  async (_what, { body, cause }) => {
    const { emulator, control } = await startTestEmulator();
    for (const { api, method, path } of writes) {
      const response = await fetch(
        `${emulator.url}${path.replace('{ats_id}', 'test-ats').replace(/\{\w+\}/g, 'c-1')}`,
        {
          method,
          headers: {
            'Content-Type': 'application/json',
            'X-API-Key': 'key-of-test-ats',
            'X-ATS-Client-ID': 'acme-corp',
            'X-ATS-User-ID': 'admin-user',
            'X-Webhook-Signature': signLikeTheGuides(body, SECRETS.incoming),
            Authorization: `Bearer ${emulator.controlToken}`,
          },
          body,
        },
      );
      const text = await response.text();
      const route = `${method} ${path}`;
      expect(response.status, `${route}: ${text}`).toBeLessThan(500);
      const reads = api === 'gateway' || takesJson.has(route);
      if (!reads || NO_JSON.includes(route)) continue;
      expect(`${response.status} ${text}`, route).toMatch(/^422 /);
      expect(text, route).toContain(cause);
    }
    const { items } = await control.log({ limit: 100 });
    expect(items.filter(({ outcome }) => outcome === 'success')).toEqual([]);
    expect((await postWebhook(emulator.url, candidateCreated())).status).toBe(202);
  },
);

test('what an answer repeats of a request is nothing that a terminal obeys', async () => {
  const { emulator } = await startTestEmulator();
  const headers = { 'X-API-Key': 'key-of-test-ats', 'X-ATS-Client-ID': 'acme-corp', 'X-ATS-User-ID': 'u' };
  const body = JSON.stringify({ email: '\u009b2J\u202e' });
  const answer = await fetch(`${emulator.url}/v1/candidates`, { method: 'POST', headers, body });
  const text = await answer.text();
  expect([answer.status, text]).toEqual([422, expect.stringContaining('"\\u009b2J\\u202e"')]);
});
