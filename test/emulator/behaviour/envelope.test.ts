import { request as httpRequest } from 'node:http';
import { describe, expect, test } from 'vitest';
import { listAppRoutes } from '../../support/app-routes.ts';
import { candidateCreated, postWebhook, startTestEmulator, testAts } from '../../support/emulator.ts';
import { startTestReceiver } from '../../support/receiver.ts';
import { END, filePart, part, pdfOfSize, postParts } from '../../support/uploads.ts';

/**
 * Who writes, and what: said once. Every route that takes something is called with a body that says otherwise; a
 * route that is new fails here until it is written down what its body may say (contract, section 4).
 */

const ENTITIES: Record<string, Record<string, unknown>> = {
  candidates: { candidate_id: 'x-1', first_name: 'Jane', last_name: 'Smith', email: 'jane@example.com' },
  vacancies: { vacancy_id: 'x-1', title: 'Order picker' },
  applications: { application_id: 'x-1', candidate_id: 'c-1', vacancy_id: 'v-1' },
};
const KINDS: Record<string, string> = {
  candidates: 'candidate',
  vacancies: 'vacancy',
  applications: 'application',
};
const KEY = 'key-of-this-request';
const ODD = [{}, [], 1, null, true, ''];

interface Case {
  /** A body that is accepted. */
  body: Record<string, unknown>;
  /** What a body may repeat, and nothing else. */
  said: Record<string, unknown>;
}

const CASES: Record<string, Case> = {
  'POST /v1/workspaces': {
    body: { client_id: 'new', name: 'New', admin_name: 'A', admin_email: 'a@new.example' },
    said: { event: 'workspace.created', event_id: KEY },
  },
  'POST /v1/workspaces/{client_id}/members': {
    body: { user_id: 'u-2', name: 'U', email: 'u@acme.example' },
    said: {
      event: 'workspace.member_added',
      event_id: KEY,
      client_id: 'acme-corp',
      member_user_id: 'u-2',
    },
  },
};
for (const [name, kind] of Object.entries(KINDS)) {
  const said = { event_id: KEY, client_id: 'acme-corp', user_id: 'admin-user' };
  CASES[`POST /v1/${name}`] = { body: ENTITIES[name]!, said: { ...said, event: `${kind}.created` } };
  const id = { [`${kind}_id`]: 'x-1' };
  CASES[`PATCH /v1/${name}/{id}`] = { body: {}, said: { ...said, ...id, event: `${kind}.updated` } };
  CASES[`DELETE /v1/${name}/{id}`] = { body: {}, said: { ...said, ...id, event: `${kind}.deleted` } };
}

const routes = listAppRoutes().filter((one) => one.api === 'gateway');
const spell = ({ method, path }: { method: string; path: string }) => `${method} ${path}`;

async function start() {
  const receiver = await startTestReceiver();
  const own = testAts('test-ats', receiver.url);
  const other = { clientId: 'other-corp', name: 'Other', members: [] };
  const { emulator, control, postAndWait } = await startTestEmulator({
    ats: [{ ...own, workspaces: [...own.workspaces, other] }],
  });
  const call = async (
    method: string,
    path: string,
    body?: string | Record<string, unknown>,
    headers: Record<string, string> = {},
  ) => {
    const response = await fetch(`${emulator.url}${path}`, {
      method,
      headers: {
        'X-API-Key': 'key-of-test-ats',
        'X-ATS-Client-ID': 'acme-corp',
        'X-ATS-User-ID': 'admin-user',
        ...headers,
      },
      body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, json: JSON.parse(text) };
  };
  return { emulator, control, postAndWait, receiver, call };
}

const placed = (path: string, id = 'x-1') =>
  path.replace('{id}', id).replace('{client_id}', id === 'x-1' ? 'acme-corp' : id);

test('every route that takes something has its case', () => {
  const taking = routes.filter((one) => one.method !== 'GET').map(spell);
  const apart = ['POST /v1/webhooks/{ats_id}', 'POST /uploads'];
  expect(taking.sort()).toEqual([...Object.keys(CASES), ...apart].sort());
});

describe.each(Object.entries(CASES))('%s', (route, { body, said }) => {
  const [method, path] = route.split(' ') as [string, string];
  const target = placed(path);

  test('a body that says the same is accepted, and its envelope is no part of what is stored', async () => {
    const { call, control } = await start();
    const { status, json } = await call(method, target, { ...body, ...said }, { 'Idempotency-Key': KEY });
    expect([status, json]).toEqual([202, { reference_id: expect.any(String) }]);
    const { trace } = await control.wait(json.reference_id, { until: 'first-attempt', timeoutMs: 60_000 });
    expect(trace.accepted).toMatchObject({ event: said.event, event_id: KEY });
    const sent = JSON.parse(trace.deliveries[0]!.body.text);
    expect(sent.data).not.toHaveProperty('event');
    expect(sent.data).not.toHaveProperty('event_id');
  });

  test.each(Object.keys(said))(
    'a body with another %s is 422, names it, and leaves nothing',
    async (field) => {
      const { call, control } = await start();
      for (const value of [...ODD, 'other-corp']) {
        const answer = await call(method, target, { ...body, [field]: value }, { 'Idempotency-Key': KEY });
        expect([value, answer.status, answer.json.detail?.[0]?.loc]).toEqual([value, 422, ['body', field]]);
      }
      expect((await control.status()).events).toBe(0);
      const { items } = await control.log({ direction: 'incoming', limit: 20 });
      expect(items.length).toBe(ODD.length + 1);
      for (const record of items) expect(record).toMatchObject({ client_id: 'acme-corp', event: said.event });
    },
  );

  test('what is no JSON object is 422', async () => {
    const { call, control } = await start();
    for (const text of ['x', '[]', '[1]', '"x"', '1', '12345678901234567890', 'null', '{', '{"a":1}x']) {
      const answer = await call(method, target, text);
      expect([text, answer.status]).toEqual([text, 422]);
    }
    expect((await control.status()).events).toBe(0);
  });
});

const WITH_IDS = routes.filter((one) => /\{(id|client_id)\}/.test(one.path)).map(spell);

test.each(WITH_IDS)('%s: what is in the path is an identifier', async (route) => {
  const [method, path] = route.split(' ') as [string, string];
  const { call, control } = await start();
  const body = CASES[route]?.body;
  const name = /\{(\w+)\}/.exec(path)![1]!;
  for (const id of ['x'.repeat(256), '%00', 'a%0D%0Ab', '%C2%85', '%7F']) {
    const { status, json } = await call(method, placed(path, id), body);
    expect([id, status, json.detail[0]?.loc]).toEqual([id, 422, ['path', name]]);
  }
  expect((await control.status()).events).toBe(0);
  // As long as it may be, and with everything that a path must spell: only what it names is missing.
  for (const id of ['x'.repeat(255), '%2F..%2F', '%20', 'caf%C3%A9'])
    expect([202, 404]).toContain((await call(method, placed(path, id), body)).status);
});

test('a webhook says who writes in its signed body; headers beside it count for nothing', async () => {
  const { emulator, control } = await start();
  const headers = {
    'X-ATS-Client-ID': 'other-corp',
    'X-ATS-User-ID': 'somebody-else',
    'Idempotency-Key': KEY,
  };
  const event = candidateCreated({ event_id: 'evt-own' });
  const { status, json } = await postWebhook(emulator.url, event, { headers });
  expect(status).toBe(202);
  expect((await control.trace(json.reference_id)).accepted).toMatchObject({
    client_id: 'acme-corp',
    user_id: 'admin-user',
    event_id: 'evt-own',
  });
});

test('the log of a webhook to no ATS keeps no id that cannot be one', async () => {
  const { emulator, control } = await start();
  for (const ats of ['x'.repeat(300), '%00', 'a%0D%0Ab'])
    expect(await postWebhook(emulator.url, candidateCreated(), { ats })).toMatchObject({ status: 404 });
  const { items } = await control.log({ direction: 'incoming', limit: 10 });
  expect(items.map((record) => record.ats_id)).toEqual([null, null, null]);
});

test('an upload belongs to the workspace of the header; a part of the form says the same or is 422', async () => {
  const { emulator } = await start();
  const headers = { 'X-API-Key': 'key-of-test-ats', 'X-ATS-Client-ID': 'acme-corp', 'X-ATS-User-ID': 'u' };
  const parts = (name: string, value: string) => [
    filePart('cv.pdf', pdfOfSize(1000)),
    part(`Content-Disposition: form-data; name="${name}"`, Buffer.from(value)),
    END,
  ];
  for (const name of ['client_id', 'user_id']) {
    const { status, json } = await postParts(emulator.url, parts(name, 'other-corp'), headers);
    expect([status, json.detail?.[0]?.loc]).toEqual([422, ['body', name]]);
  }
  const same = await postParts(emulator.url, parts('client_id', 'acme-corp'), headers);
  expect(same.status).toBe(200);
});

test('a file of one workspace is bound in no other, whatever the body says', async () => {
  const { emulator, call } = await start();
  const headers = { 'X-API-Key': 'key-of-test-ats', 'X-ATS-Client-ID': 'other-corp' };
  const { json } = await postParts(emulator.url, [filePart('cv.pdf', pdfOfSize(1000)), END], headers);
  const cv = { carv_file_id: json.carv_file_id };
  const body = { ...ENTITIES.candidates, cv };
  expect(await call('POST', '/v1/candidates', { ...body, client_id: 'other-corp' })).toMatchObject({
    status: 422,
    json: { detail: [{ loc: ['body', 'client_id'] }] },
  });
  expect(await call('POST', '/v1/candidates', body)).toMatchObject({
    status: 422,
    json: { detail: [{ loc: ['body', 'cv', 'carv_file_id'] }] },
  });
});

test('a header that says who writes comes once', async () => {
  const { emulator } = await start();
  for (const name of ['X-ATS-Client-ID', 'X-ATS-User-ID', 'Idempotency-Key']) {
    const status = await new Promise((resolve, reject) => {
      const request = httpRequest(`${emulator.url}/v1/candidates`, {
        method: 'POST',
        agent: false,
        headers: {
          'X-API-Key': 'key-of-test-ats',
          'X-ATS-Client-ID': 'acme-corp',
          'X-ATS-User-ID': 'admin-user',
          [name]: ['acme-corp', 'acme-corp'],
        },
      });
      request.on('response', (response) => resolve(response.resume().statusCode));
      request.on('error', reject).end(JSON.stringify(ENTITIES.candidates));
    });
    expect([name, status]).toEqual([name, 422]);
  }
});

test('in process: the name of the event is said once', async () => {
  const { emulator, control } = await start();
  const fields = { event: 'candidate.deleted' } as never;
  await expect(emulator.send('candidate.created', fields)).rejects.toMatchObject({
    status: 422,
    detail: [{ loc: ['body', 'event'] }],
  });
  expect((await control.status()).events).toBe(0);
});

test('an edited replay stays with its tenant and its trace', async () => {
  const { control, receiver, postAndWait } = await start();
  const { trace } = await postAndWait('settled');
  const [origin] = trace.deliveries;
  const body = JSON.parse(origin!.body.text);
  const edited = (change: object) => ({
    body_base64: Buffer.from(JSON.stringify({ ...body, ...change })).toString('base64'),
  });
  for (const change of [{ client_id: 'other-corp' }, { reference_id: 'ref' }, { client_id: {} }])
    await expect(control.replay(origin!.id, edited(change))).rejects.toMatchObject({ status: 422 });
  expect(receiver.received).toHaveLength(1);
  await control.replay(origin!.id, edited({ data: {} }));
  expect(receiver.received).toHaveLength(2);
});
