import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { callControl } from '../../../src/client/http-json.ts';
import { type CallInput, CONTROL_ROUTES, type JsonCall } from '../../../src/contract/control/routes.ts';
import { CALL_NAMES, CONTROL_CALLS } from '../../../src/contract/control.ts';
import { outgoingSample } from '../../../src/contract/samples.ts';
import { createHandlers } from '../../../src/emulator/control/routes.ts';
import { candidateCreated, postWebhook, startDelivering } from '../../support/emulator.ts';

const SAMPLE = Buffer.from(JSON.stringify(outgoingSample('candidate.created'))).toString('base64');

test('every call has its row and its handler, and neither has more', () => {
  const names = Object.keys(CONTROL_CALLS).sort();
  expect(Object.keys(CONTROL_ROUTES).sort()).toEqual(names);
  expect(Object.keys(createHandlers({} as never)).sort()).toEqual(names);
});

test('each call of the table reaches its handler, and the client takes the answer', async () => {
  const { emulator, control, postAndWait } = await startDelivering();
  const target = { url: new URL(emulator.url), token: emulator.controlToken };
  const { json } = await postWebhook(emulator.url, candidateCreated());
  const done = await control.wait(json.reference_id, { until: 'first-attempt', timeoutMs: 60_000 });
  const delivery = done.trace.deliveries[0]!.id;
  const fails = candidateCreated({ candidate_id: 'c-fails', email: 'jane+ai-fail@example.com' });
  const { reference_id: failed } = await postAndWait('first-attempt', fails);
  const snapshot = await control.snapshot({ secrets: true });
  const saved = await buffer(snapshot);

  const id = { params: { id: 'test-ats' } };
  const attempt = { params: { id: delivery, number: '1' } };
  const member = { user_id: 'u-2', name: 'U', email: 'u@acme.example' };
  /** In the order in which they are made: what is taken away comes after what needs it. */
  const inputs: { [N in Exclude<JsonCall, 'restoreSnapshot'>]: CallInput<N> } = {
    status: {},
    assumptions: { query: { all: '1' } },
    log: { query: { limit: 5, text: 'candidate' } },
    logRecord: { ...attempt, query: { body: 'whole' } },
    diagnose: { ...attempt, query: { tolerance: 'off' } },
    waitForDelivery: {
      query: { expect: ['data.candidate_id=cand-1001', 'data.candidate_id=cand-1001'], timeout_ms: 0 },
    },
    delivery: { params: { id: delivery } },
    lookupDeliveries: { body: { ids: [delivery] } },
    trace: { params: { id: json.reference_id } },
    wait: { params: { id: json.reference_id }, query: { until: 'settled', timeout_ms: 0 } },
    belongings: { params: { id: delivery } },
    replay: { params: { id: delivery } },
    replayMany: { body: { ids: [delivery], dry_run: true } },
    clock: {},
    clockPause: {},
    clockResume: {},
    clockSpeed: { body: { speed: 'manual' } },
    clockAdvance: { body: { ms: 1 } },
    clockNext: {},
    clockDrain: {},
    addAts: { body: { id: 'other-ats' } },
    changeAts: { ...id, body: { name: 'Renamed' } },
    rotate: { ...id, body: { credential: 'api-key' } },
    sendTestEvent: { ...id, body: { body_base64: SAMPLE } },
    sendEvent: {
      ...id,
      body: {
        body_base64: Buffer.from(JSON.stringify(candidateCreated({ event_id: 'evt-sent' }))).toString(
          'base64',
        ),
      },
    },
    checkEvent: { body: { direction: 'outgoing', text: '{' } },
    audit: { query: { limit: 5 } },
    recordMeeting: { body: { ats_id: 'test-ats', candidate_id: 'c-fails' } },
    workspaces: {},
    addWorkspace: { body: { ats_id: 'test-ats', client_id: 'c / 2', name: 'Two' } },
    addWorkspaceMember: { params: { client_id: 'c / 2' }, body: { ats_id: 'test-ats', ...member } },
    jobs: { query: { limit: 5 } },
    job: { params: { id: failed } },
    rerunJob: { params: { id: failed } },
    faults: {},
    addFault: { body: { id: 'f-1', kind: 'status-503', first: 1 } },
    clearFault: { params: { id: 'f-1' } },
    clearFaults: {},
    reset: {},
  };
  const called: string[] = [];
  for (const [name, input] of Object.entries(inputs)) {
    // Throws for a refusal, and for an answer that is not the row's.
    const answer = await callControl(target, name as 'status', input as object).catch((error: unknown) => {
      throw new Error(name, { cause: error });
    });
    expect(answer.version, name).toBe(2);
    called.push(name);
  }
  await control.restore(Readable.from(saved));
  const document = await fetch(`${emulator.url}/_carvos/v1/openapi.json`, {
    headers: { authorization: `Bearer ${target.token}` },
  });
  expect(((await document.json()) as { openapi: string }).openapi).toBe('3.1.0');
  const feed = control.feed(AbortSignal.timeout(60_000), {
    onState: (state) => void (state === 'open' && control.clockMove('pause')),
  });
  expect((await firstOf(feed)).type).toBe('clock.changed');
  expect([...called, 'restoreSnapshot', 'saveSnapshot', 'controlOpenapi', 'feed'].sort()).toEqual(
    [...CALL_NAMES].sort(),
  );
});

async function firstOf<T>(things: AsyncIterable<T>): Promise<T> {
  for await (const one of things) return one;
  throw new Error('there is none');
}
