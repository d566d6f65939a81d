import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { listAppRoutes } from '../../support/app-routes.ts';
import { postWebhook, startTestEmulator, testAts } from '../../support/emulator.ts';
import { startTestReceiver } from '../../support/receiver.ts';

/**
 * Two ATSs that use the same client_id, and two clients of one ATS. Every route that the app has is
 * called by the stranger with the victim's ids; a route that is new fails here until it has an attack.
 */

const VICTIM = 'victim-only-text';
const SECRETS_OF_B = { incoming: 'b-incoming-secret', outgoing: 'b-outgoing-secret' };
const CLIENTS = ['acme-corp', 'other-corp'];

const jane = {
  candidate_id: 'cand-secret',
  first_name: VICTIM,
  last_name: 'Smith',
  email: 'jane@example.com',
};
const vacancy = { vacancy_id: 'vac-secret', title: VICTIM };
const application = {
  application_id: 'app-secret',
  candidate_id: jane.candidate_id,
  vacancy_id: vacancy.vacancy_id,
  stage: VICTIM,
};
const IDS: Record<string, string> = {
  candidates: 'cand-secret',
  vacancies: 'vac-secret',
  applications: 'app-secret',
};

interface Answer {
  status: number;
  text: string;
}

async function startTwoAts() {
  const [a, b] = [await startTestReceiver(), await startTestReceiver()];
  const workspaces = CLIENTS.map((clientId) => ({ clientId, name: `name of ${clientId}`, members: [] }));
  const { emulator, control } = await startTestEmulator({
    ats: [
      {
        ...testAts('ats-a', a.url),
        workspaces: [
          ...workspaces,
          {
            clientId: 'only-a',
            name: VICTIM,
            members: [{ userId: 'member-secret', name: VICTIM, email: 'secret@a.example' }],
          },
        ],
      },
      { ...testAts('ats-b', b.url, SECRETS_OF_B), workspaces },
    ],
  });
  const call = async (
    who: { ats: string; client: string },
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> => {
    const response = await fetch(`${emulator.url}${path}`, {
      method,
      headers: {
        'X-API-Key': `key-of-${who.ats}`,
        'X-ATS-Client-ID': who.client,
        'X-ATS-User-ID': 'u',
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    return { status: response.status, text: await response.text() };
  };
  const settle = async (answer: Answer) => {
    expect(answer.status).toBe(202);
    const { reference_id } = JSON.parse(answer.text);
    const { trace } = await control.wait(reference_id, { until: 'settled', timeoutMs: 60_000 });
    return JSON.parse(trace.deliveries[0]!.body.text) as {
      status: string;
      error: { code: string } | null;
      data: unknown;
    };
  };
  const victim = { ats: 'ats-a', client: 'acme-corp' };
  await settle(await call(victim, 'POST', '/v1/candidates', jane));
  await settle(await call(victim, 'POST', '/v1/vacancies', vacancy));
  await settle(await call(victim, 'POST', '/v1/applications', application));
  return { emulator, control, call, settle, victim, receivers: { a, b } };
}

type World = Awaited<ReturnType<typeof startTwoAts>>;
type Who = { ats: string; client: string };

/** What a stranger does on each route. It must get nothing of the victim's, and change nothing of it. */
const ATTACKS: Record<string, (world: World, who: Who) => Promise<void>> = {
  'POST /v1/webhooks/{ats_id}': async ({ emulator, settle }, who) => {
    const event = {
      event: 'candidate.updated',
      event_id: `evt-${who.ats}-${who.client}`,
      client_id: who.client,
      user_id: 'u',
      candidate_id: jane.candidate_id,
      first_name: 'Mallory',
    };
    if (who.ats === 'ats-b') {
      // The stranger's own secret does not open the victim's door.
      const foreign = await postWebhook(emulator.url, event, {
        ats: 'ats-a',
        secret: SECRETS_OF_B.incoming,
      });
      expect(foreign).toEqual({ status: 401, json: { detail: 'Invalid signature' } });
    }
    const secret = who.ats === 'ats-b' ? { secret: SECRETS_OF_B.incoming } : {};
    const own = await postWebhook(emulator.url, event, { ats: who.ats, ...secret });
    const outcome = await settle({ status: own.status, text: JSON.stringify(own.json) });
    expect(outcome).toMatchObject({ status: 'failed', error: { code: 'candidate_not_found' } });
    expect(JSON.stringify(outcome)).not.toContain(VICTIM);
  },
  'POST /uploads': async ({ emulator, call, victim }, who) => {
    const form = new FormData();
    form.append('file', new Blob([readFileSync('fixtures/files/cv-nl.pdf')]), 'resume.pdf');
    const headers = { 'X-API-Key': `key-of-${victim.ats}`, 'X-ATS-Client-ID': victim.client };
    const response = await fetch(`${emulator.url}/uploads`, { method: 'POST', headers, body: form });
    const { carv_file_id } = (await response.json()) as { carv_file_id: string };
    const bind = (id: string) =>
      call(who, 'POST', '/v1/candidates', { ...jane, candidate_id: 'thief', cv: { carv_file_id: id } });
    const nobody = '7c2a5f88-6a0c-4d58-9a1c-8f3d2b1e4c55';
    const [foreign, unknown] = [await bind(carv_file_id), await bind(nobody)];
    expect(foreign.status).toBe(422);
    // Word for word what an id gets that nobody has.
    expect(foreign.text).toBe(unknown.text.replaceAll(nobody, carv_file_id));
  },
  'POST /v1/workspaces': async ({ call }, who) => {
    // A name that the other ATS uses is free here: its existence is not revealed.
    if (who.ats !== 'ats-b') return;
    const body = { client_id: 'only-a', name: 'B', admin_name: 'B', admin_email: 'b@b.example' };
    expect((await call(who, 'POST', '/v1/workspaces', body)).status).toBe(202);
  },
  'GET /v1/workspaces/{client_id}': async ({ call }, who) => {
    const answer = await call(who, 'GET', '/v1/workspaces/only-a');
    if (who.ats === 'ats-b')
      expect(answer).toEqual({ status: 404, text: '{"detail":"Workspace not found"}' });
  },
  'GET /v1/workspaces/{client_id}/members': async ({ call }, who) => {
    const answer = await call(who, 'GET', '/v1/workspaces/only-a/members');
    if (who.ats === 'ats-b')
      expect(answer).toEqual({ status: 404, text: '{"detail":"Workspace not found"}' });
  },
  'POST /v1/workspaces/{client_id}/members': async ({ call, control }, who) => {
    const body = { user_id: 'mallory', name: 'M', email: 'm@b.example' };
    const answer = await call(who, 'POST', '/v1/workspaces/only-a/members', body);
    if (who.ats !== 'ats-b') return;
    expect(answer).toEqual({ status: 404, text: '{"detail":"Workspace not found"}' });
    const { items } = await control.workspaces();
    const members = items.find((one) => one.client_id === 'only-a')!.members;
    expect(members.map((one) => one.user_id)).toEqual(['member-secret']);
  },
};

for (const [name, id] of Object.entries(IDS)) {
  const kind = { candidates: 'candidate', vacancies: 'vacancy', applications: 'application' }[name]!;
  ATTACKS[`GET /v1/${name}`] = async ({ call }, who) => {
    const answer = await call(who, 'GET', `/v1/${name}?limit=100`);
    expect(answer).toEqual({ status: 200, text: '{"items":[],"next_cursor":null}' });
    // A cursor of the victim's opens nothing either.
    const cursor = Buffer.from(' ').toString('base64url');
    expect(await call(who, 'GET', `/v1/${name}?cursor=${cursor}`)).toEqual(answer);
  };
  ATTACKS[`GET /v1/${name}/{id}`] = async ({ call }, who) => {
    const found = await call(who, 'GET', `/v1/${name}/${id}`);
    expect(found.status).toBe(404);
    // Word for word what an id gets that nobody has.
    expect(found).toEqual(await call(who, 'GET', `/v1/${name}/nobody-has-this`));
  };
  ATTACKS[`PATCH /v1/${name}/{id}`] = async ({ call, settle }, who) => {
    const outcome = await settle(await call(who, 'PATCH', `/v1/${name}/${id}`, { note: 'Mallory was here' }));
    expect(outcome).toMatchObject({ status: 'failed', error: { code: `${kind}_not_found` } });
    expect(JSON.stringify(outcome)).not.toContain(VICTIM);
  };
  ATTACKS[`DELETE /v1/${name}/{id}`] = async ({ call, settle }, who) => {
    const outcome = await settle(await call(who, 'DELETE', `/v1/${name}/${id}`));
    expect(outcome).toMatchObject({ status: 'failed', error: { code: `${kind}_not_found` } });
    expect(JSON.stringify(outcome)).not.toContain(VICTIM);
  };
  ATTACKS[`POST /v1/${name}`] = async ({ call, settle, victim }, who) => {
    if (name === 'applications') {
      // Neither the victim's candidate nor its vacancy can be bound.
      const outcome = await settle(
        await call(who, 'POST', '/v1/applications', { ...application, stage: 'mine' }),
      );
      expect(outcome).toMatchObject({ status: 'failed', error: { code: 'candidate_not_found' } });
      expect(JSON.stringify(outcome)).not.toContain(VICTIM);
      return;
    }
    // The same id, and the same Idempotency-Key, are another entity and another request.
    const body = name === 'candidates' ? { ...jane, first_name: 'Olga' } : { ...vacancy, title: 'Olga' };
    const key = { 'Idempotency-Key': `key-${name}-${who.ats}-${who.client}` };
    const own = name === 'candidates' ? jane : vacancy;
    const first = await call(victim, 'POST', `/v1/${name}`, own, key);
    const second = await call(who, 'POST', `/v1/${name}`, body, key);
    expect(second.status).toBe(202);
    expect(second.text).not.toBe(first.text);
    expect(JSON.stringify(await settle(second))).not.toContain(VICTIM);
    await settle(first);
  };
}

const gatewayRoutes = listAppRoutes()
  .filter((one) => one.api === 'gateway')
  .map(({ method, path }) => `${method} ${path}`);

test('every route of the app has an attack', () => {
  expect(Object.keys(ATTACKS).sort()).toEqual([...gatewayRoutes].sort());
});

describe.each([
  ['another ATS with the same client_id', { ats: 'ats-b', client: 'acme-corp' }],
  ['another client of the same ATS', { ats: 'ats-a', client: 'other-corp' }],
])('%s', (_who, who) => {
  test('gets nothing and changes nothing, on every route', async () => {
    const world = await startTwoAts();
    const { call, victim, receivers } = world;
    const before = await Promise.all(
      Object.entries(IDS).map(([name, id]) => call(victim, 'GET', `/v1/${name}/${id}`)),
    );
    for (const route of [...gatewayRoutes].sort((one, other) => rank(one) - rank(other))) {
      await ATTACKS[route]!(world, who);
    }
    const after = await Promise.all(
      Object.entries(IDS).map(([name, id]) => call(victim, 'GET', `/v1/${name}/${id}`)),
    );
    expect(after).toEqual(before);
    for (const { status, text } of after) {
      expect(status).toBe(200);
      expect(text).toContain(VICTIM);
    }
    if (who.ats === 'ats-b') {
      expect(receivers.b.received.length).toBeGreaterThan(5);
      for (const { body } of receivers.b.received) expect(body.toString()).not.toContain(VICTIM);
    }
  });

  test('without a key, with a wrong one, or with a secret as the key nobody gets in', async () => {
    const { call } = await startTwoAts();
    for (const route of gatewayRoutes.filter((one) => !one.includes('webhooks'))) {
      const [method, path] = route.split(' ') as [string, string];
      const real = path.replace('{id}', IDS[path.split('/')[2]!] ?? '').replace('{client_id}', 'only-a');
      for (const key of ['', 'key-of-ats-', 'KEY-OF-ATS-A', 'test-incoming-secret']) {
        const answer = await call(
          who,
          method,
          real,
          method === 'GET' || method === 'DELETE' ? undefined : {},
          {
            'X-API-Key': key,
          },
        );
        expect([route, answer.status, answer.text]).toEqual([
          route,
          401,
          '{"detail":"Invalid or missing API key"}',
        ]);
      }
    }
  });
});

/** What creates something of the stranger's own comes last: before it there is nothing to find. */
function rank(route: string): number {
  const creates = [
    'POST /v1/applications',
    'POST /v1/candidates',
    'POST /v1/vacancies',
    'POST /v1/workspaces',
  ];
  return creates.indexOf(route);
}
