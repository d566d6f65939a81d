import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ASSUMPTIONS, type AssumptionId } from '../../../src/contract/assumptions.ts';
import { outgoingSample } from '../../../src/contract/samples.ts';
import type { EmulatorOptions } from '../../../src/emulator/index.ts';
import { withResolvers } from '../../../src/transport/with-resolvers.ts';
import {
  candidateCreated,
  postWebhook,
  SECRETS,
  startDelivering,
  startTestEmulator,
  testAts,
} from '../../support/emulator.ts';
import { tempFolder } from '../../support/folder.ts';
import { signLikeTheGuides } from '../../support/sign.ts';

interface Case {
  options?: Partial<EmulatorOptions>;
  /** Statuses that the receiver answers, in turn; then 200. */
  receiver?: number[];
  act(world: World): Promise<unknown>;
}

async function startWorld({ options = {}, receiver: statuses = [] }: Pick<Case, 'options' | 'receiver'>) {
  const { receiver, emulator, control } = await startDelivering({
    respond: (_received, index) => statuses[index] ?? 200,
    ...options,
  });
  const settle = async (reference: string) => {
    await control.wait(reference, { until: 'first-attempt', timeoutMs: 60_000 });
    return reference;
  };
  /** Posts a webhook and waits for the first attempt of what it leads to. */
  const send = async (fields: Record<string, unknown> = {}, rest: Parameters<typeof postWebhook>[2] = {}) => {
    const answer = await postWebhook(emulator.url, candidateCreated(fields), rest);
    if (answer.status === 202) await settle(answer.json.reference_id);
    return answer;
  };
  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${emulator.url}${path}`, {
      method,
      headers: {
        'X-API-Key': 'key-of-test-ats',
        'X-ATS-Client-ID': 'acme-corp',
        'X-ATS-User-ID': 'admin-user',
        'Content-Type': 'application/json',
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    const json = text === '' ? null : JSON.parse(text);
    if (response.status === 202) await settle(json.reference_id);
    return { status: response.status, json };
  };
  return { emulator, control, receiver, send, call, settle };
}
type World = Awaited<ReturnType<typeof startWorld>>;

const WORKSPACE = {
  event: 'workspace.created',
  event_id: 'evt-w',
  client_id: 'new-corp',
  user_id: 'boss',
  name: 'New',
  admin_name: 'Boss',
  admin_email: 'boss@new.example',
};
const JANE = { candidate_id: 'c-1', first_name: 'Jane', last_name: 'Smith', email: 'jane@example.com' };
const VACANCY = { vacancy_id: 'v-1', title: 'Picker' };

async function makeApplication({ call }: World, fields: Record<string, unknown> = {}) {
  await call('POST', '/v1/candidates', { ...JANE, ...fields });
  await call('POST', '/v1/vacancies', VACANCY);
  return call('POST', '/v1/applications', { application_id: 'a-1', candidate_id: 'c-1', vacancy_id: 'v-1' });
}
/** Reads and refusals that are not in the log, and what is reported before there is a record. */
const WITHOUT_RECORD = [
  'other-refusals',
  'rest-reads',
  'workspace-reads',
  'missing-header-422',
  'upload-expiry',
  'upload-file-name',
  'rotation-overlap',
];
const PDF = readFileSync('fixtures/files/cv-nl.pdf');
const raw = (text: string) => new TextEncoder().encode(text);
const withExtra = (json: string) =>
  raw(JSON.stringify(candidateCreated()).replace(/}$/, `,"extra":${json}}`));

/** What shows each assumption. */
const CASES: Partial<Record<AssumptionId, Case>> = {
  'identifier-form': { act: ({ send }) => send({ candidate_id: 'x'.repeat(256) }) },
  'signature-incoming-tolerance': { act: ({ send }) => send({}, { t: Math.floor(Date.now() / 1000) - 400 }) },
  'signature-header-leniency': {
    act: async ({ emulator }) => {
      const body = raw(JSON.stringify(candidateCreated()));
      const [t, v1] = signLikeTheGuides(body, SECRETS.incoming).split(',') as [string, string];
      const answer = await postWebhook(emulator.url, body, { signature: `${v1}, ${t}` });
      expect(answer.status).toBe(202);
    },
  },
  'workspace-member-added-incoming': {
    act: ({ emulator }) =>
      postWebhook(emulator.url, {
        event: 'workspace.member_added',
        event_id: 'evt-m',
        client_id: 'acme-corp',
        user_id: 'admin-user',
        member_user_id: 'm',
        name: 'M',
        email: 'm@acme.example',
      }),
  },
  'workspace-admin-member-id': { act: ({ call }) => call('POST', '/v1/workspaces', WORKSPACE) },
  'gateway-overload-answers': {
    options: { faults: [{ kind: 'status-429', on: 'ingress' }] },
    act: ({ send }) => send(),
  },
  'body-limit': { act: ({ emulator }) => postWebhook(emulator.url, new Uint8Array(1024 * 1024 + 1)) },
  'json-depth-limit': {
    act: ({ emulator }) => postWebhook(emulator.url, withExtra('['.repeat(200) + ']'.repeat(200))),
  },
  'json-strictness': { act: ({ emulator }) => postWebhook(emulator.url, raw('{"event":')) },
  'numbers-kept': { act: ({ emulator }) => postWebhook(emulator.url, withExtra('[{"n":9007199254740993}]')) },
  'answer-401-signature': { act: ({ send }) => send({}, { signature: null }) },
  'answer-404-unknown-ats': { act: ({ send }) => send({}, { ats: 'nobody' }) },
  'answer-422-form': { act: ({ send }) => send({ email: undefined }) },
  'answer-409': {
    act: async ({ send }) => {
      await send({ event_id: 'same' });
      await send({ event_id: 'same' });
    },
  },
  'idempotent-event-id': {
    act: async ({ emulator }) => {
      const event = candidateCreated();
      await postWebhook(emulator.url, event);
      await postWebhook(emulator.url, event);
    },
  },
  'unprovisioned-workspace': { act: ({ send }) => send({ client_id: 'nobody' }) },
  'unknown-user-accepted': { act: ({ send }) => send({ user_id: 'stranger' }) },
  'workspace-created-by-signature': { act: ({ emulator }) => postWebhook(emulator.url, WORKSPACE) },
  'other-refusals': { act: ({ call }) => call('GET', '/v1/nothing') },
  'missing-header-422': {
    act: ({ call }) => call('GET', '/v1/candidates', undefined, { 'X-ATS-User-ID': '' }),
  },
  'idempotency-key': { act: ({ call }) => call('POST', '/v1/candidates', JANE, { 'Idempotency-Key': 'k' }) },
  'rest-vacancy-application-fields': { act: ({ call }) => call('POST', '/v1/vacancies', VACANCY) },
  'rest-patch-delete': { act: ({ call }) => call('DELETE', '/v1/candidates/c-1') },
  'rest-reads': { act: ({ call }) => call('GET', '/v1/candidates') },
  'workspace-reads': { act: ({ call }) => call('GET', '/v1/workspaces/acme-corp') },
  'upload-limits': { act: (world) => upload(world, 'not a document') },
  'upload-reference-errors': {
    act: ({ send }) => send({ cv: { carv_file_id: '7c2a5f88-6a0c-4d58-9a1c-8f3d2b1e4c55' } }),
  },
  'upload-expiry': { act: (world) => upload(world, PDF) },
  'meeting-reference-id': { act: recordMeeting },
  'meeting-order': { act: recordMeeting },
  'cv-text': {
    act: async (world) => {
      const { json } = await upload(world, PDF);
      await makeApplication(world, { cv: { carv_file_id: json.carv_file_id } });
    },
  },
  'upload-file-name': { act: (world) => upload(world, PDF, 'resume\u202efdp.pdf') },
  'upload-form-errors': { act: (world) => upload(world, '') },
  'rotation-overlap': {
    act: async ({ control, send }) => {
      await control.rotate('test-ats', { credential: 'incoming-secret', overlap_ms: 60_000 });
      expect((await send()).status).toBe(202);
    },
  },
  'test-event-attempts': {
    act: async ({ control }) => {
      const event = outgoingSample('candidate.created');
      await control.sendTestEvent('test-ats', Buffer.from(JSON.stringify(event)));
    },
  },
  'meeting-data-keys': { act: recordMeeting },
  'cv-field': {
    act: async (world) => {
      const { json } = await upload(world, PDF);
      await world.send({ cv: { carv_file_id: json.carv_file_id } });
    },
  },
  'entity-fields': { act: ({ send }) => send({ phone: '+31612345678' }) },
  'email-check': { act: ({ send }) => send({ email: 'jane@localhost' }) },
  'extra-fields-kept': { act: ({ send }) => send({ shoe_size: 38 }) },
  'event-type-header': { act: ({ send }) => send() },
  'outgoing-user-agent': { act: ({ send }) => send() },
  'http-delivery': { act: ({ send }) => send() },
  'failed-event-form': { act: ({ call }) => call('DELETE', '/v1/candidates/nobody') },
  'missing-reference-fails': { act: ({ call }) => call('DELETE', '/v1/candidates/nobody') },
  'application-score-fields': { act: (world) => makeApplication(world) },
  'deletion-data': {
    act: async ({ call }) => {
      await call('POST', '/v1/candidates', JANE);
      await call('DELETE', '/v1/candidates/c-1');
    },
  },
  'workspace-event-fields': { act: ({ call }) => call('POST', '/v1/workspaces', WORKSPACE) },
  'job-order': {
    act: async ({ emulator, settle }) => {
      const event = candidateCreated({ email: 'jane+slow-200ms@example.com' });
      await postWebhook(emulator.url, event);
      const { event_id: _id, ...rest } = event;
      const second = await postWebhook(emulator.url, { ...rest, event_id: 'evt-second' });
      await settle(second.json.reference_id);
    },
  },
  'retry-delay-origin': { receiver: [500], act: retryOnce },
  'retry-signed-anew': { receiver: [500], act: retryOnce },
  'settings-at-attempt': {
    receiver: [500],
    act: async (world) => {
      await world.send();
      await world.control.changeAts('test-ats', { webhook_url: `${world.receiver.url}/moved` });
      await world.control.clockMove('next');
    },
  },
  'exhausted-deliveries': {
    receiver: [500, 500, 500, 500, 500],
    act: async ({ send, control }) => {
      await send();
      await control.clockMove('drain');
    },
  },
  'retry-after-ignored': {
    options: { faults: [{ kind: 'status-429', on: 'delivery', first: 1 }] },
    act: ({ send }) => send(),
  },
  'delivery-concurrency': {
    act: async ({ emulator, receiver, settle }) => {
      const { promise: held, resolve: release } = withResolvers();
      receiver.server.prependListener('request', (_request, response) => {
        const end = response.end.bind(response);
        response.end = ((...args: Parameters<typeof end>) => {
          void held.then(() => end(...args));
          return response;
        }) as typeof response.end;
      });
      const answers = await Promise.all([1, 2].map(() => postWebhook(emulator.url, candidateCreated())));
      await receiver.waitFor(2);
      release();
      for (const { json } of answers) await settle(json.reference_id);
    },
  },
  'log-outcomes': { receiver: [500], act: ({ send }) => send() },
  'log-caps-view-only': { act: ({ send }) => send({ headline: 'x'.repeat(70_000) }) },
};

async function upload({ emulator }: World, content: string | Buffer, name = 'resume.pdf') {
  const form = new FormData();
  form.append('file', new Blob([content]), name);
  const headers = { 'X-API-Key': 'key-of-test-ats', 'X-ATS-Client-ID': 'acme-corp' };
  const response = await fetch(`${emulator.url}/uploads`, { method: 'POST', headers, body: form });
  return { status: response.status, json: (await response.json()) as { carv_file_id: string } };
}

async function recordMeeting({ control }: World) {
  await control.recordMeeting({ client_id: 'acme-corp' });
}

async function retryOnce({ send, control }: World) {
  await send();
  await control.clockMove('next');
}

test('every assumption is shown by a case, or marked as one that no traffic can show', () => {
  const observable = ASSUMPTIONS.filter((one) => one.observable !== false).map((one) => one.id);
  expect(observable.sort()).toEqual(Object.keys(CASES).sort());
});

describe('noted when a request relies on it:', () => {
  test.each(Object.entries(CASES))('%s', async (id, { options, receiver, act }) => {
    const world = await startWorld({ options, receiver });
    const noted = () => world.emulator.assumptions().map((one) => one.id);
    expect(noted()).toEqual([]);
    await act(world);
    await expect.poll(noted).toContain(id);
    const use = world.emulator.assumptions().find((one) => one.id === id)!;
    expect(use.count).toBeGreaterThan(0);
    expect(Date.parse(use.first_at!)).toBeLessThanOrEqual(Date.parse(use.last_at!));
    // Whatever is in the log or has a reference says where to look.
    if (!WITHOUT_RECORD.includes(id)) {
      expect(use.sample).toMatch(/^(?:[0-9a-f-]{36}|dlv_[^/]+\/\d+)$/);
    }
  });
});

test('a documented request relies on nothing but how it is delivered', async () => {
  const { emulator, send, control } = await startWorld({});
  await send();
  expect(emulator.assumptions().map((one) => one.id)).toEqual([
    'event-type-header',
    'outgoing-user-agent',
    'http-delivery',
  ]);
  expect((await control.status()).assumptions).toEqual({ relied_on: 3, total: ASSUMPTIONS.length });
});

test('the control API lists what was relied on, or with all the whole catalogue', async () => {
  const { control, send } = await startWorld({});
  await send({ shoe_size: 38 });
  await send({ shoe_size: 39 });
  const list = await control.assumptions();
  const extra = list.items.find((one) => one.id === 'extra-fields-kept')!;
  expect(extra).toMatchObject({ source: 'emu', section: 4, count: 2, observable: true });
  expect(list).toMatchObject({ version: 2, relied_on: list.items.length, total: ASSUMPTIONS.length });
  expect(extra.check).toContain('extra field');
  const all = await control.assumptions({ all: true });
  expect(all.items.map((one) => one.id)).toEqual(ASSUMPTIONS.map((one) => one.id));
  expect(all.items.find((one) => one.id === 'api-key-unique')).toMatchObject({ observable: false, count: 0 });
});

test('counts survive a stop, and a reset takes them away', async () => {
  const database = `${tempFolder()}/carvos.db`;
  const options = { database, ats: [testAts('test-ats', null)] };
  const first = await startTestEmulator(options);
  for (const n of [1, 2, 3]) await postWebhook(first.emulator.url, candidateCreated({ shoe_size: n }));
  const before = first.emulator.assumptions();
  await first.emulator.close();
  const second = await startTestEmulator(options);
  expect(second.emulator.assumptions()).toEqual(before);
  await postWebhook(second.emulator.url, candidateCreated({ shoe_size: 4 }));
  const after = second.emulator.assumptions().find((one) => one.id === 'extra-fields-kept')!;
  expect(after).toMatchObject({ count: 4, sample: before.find((one) => one.id === after.id)!.sample });
  await second.control.reset();
  expect(second.emulator.assumptions()).toEqual([]);
});
