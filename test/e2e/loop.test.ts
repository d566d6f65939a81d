import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { candidateCreated, startDev } from '../support/dev-process.ts';
import { tempFolder } from '../support/folder.ts';
import { runProgram } from '../support/program.ts';
import { startPythonReceiver } from '../support/python-receiver.ts';
import { havePrograms } from '../support/require-program.ts';

// Nothing here that makes or judges a signature is ours: curl and openssl send, Python receives.
const SEND = fileURLToPath(new URL('../../fixtures/senders/send.sh', import.meta.url));
const programs = havePrograms(
  'the whole loop, with programs that do not know carvos',
  'python3',
  'curl',
  'openssl',
);

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const EVENT_BASE = { client_id: 'acme-corp', user_id: 'admin-user' };

async function send(url: string, body: string, secret = 'demo-incoming-secret') {
  const env = { CARVOS_URL: url, CARVOS_ATS_ID: 'demo-ats', CARVOS_INCOMING_SECRET: secret };
  const { code, stdout, stderr } = await runProgram(SEND, ['-'], { env, input: body });
  return { code, status: stderr.trim(), answer: JSON.parse(stdout || 'null') };
}

describe.skipIf(!programs)('signed event in, 202, AI result, signed webhook out', () => {
  test.each([
    ['the receiver that checks no age', undefined],
    ['the receiver with a tolerance', 300],
  ])('%s', async (_, tolerance) => {
    const cwd = tempFolder();
    const receiver = await startPythonReceiver({ tolerance });
    const dev = await startDev(cwd, ['--db', 'carvos.db', '--webhook-url', receiver.url, '--speed', '600']);

    const accepted = await send(dev.url, candidateCreated('cand-1', { email: 'Jane+Score-42@Example.com' }));
    expect(accepted).toEqual({
      code: 0,
      status: 'HTTP 202',
      answer: { reference_id: expect.stringMatching(UUID_V7) },
    });

    const [request] = await receiver.waitForRequests(1);
    expect(request).toMatchObject({ verdict: 'valid', status: 200 });
    expect(request?.headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': expect.stringMatching(/\S/),
      'x-carv-causation-id': accepted.answer.reference_id,
      'x-carv-event': 'candidate.created',
      'x-webhook-signature': expect.stringMatching(/^t=\d+,v1=[0-9a-f]{64}$/),
    });
    const webhook = JSON.parse(request!.body.toString('utf8'));
    expect(webhook).toEqual({
      event: 'candidate.created',
      event_id: expect.stringMatching(/\S/),
      reference_id: accepted.answer.reference_id,
      client_id: 'acme-corp',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/),
      status: 'success',
      error: null,
      data: expect.objectContaining({
        candidate_id: 'cand-1',
        full_name: 'Sanne de Wit',
        email: 'jane+score-42@example.com',
      }),
    });

    await send(
      dev.url,
      JSON.stringify({
        ...EVENT_BASE,
        event: 'vacancy.created',
        event_id: 'evt-vac-1',
        vacancy_id: 'vac-1',
        title: 'Java Developer',
      }),
    );
    const application = await send(
      dev.url,
      JSON.stringify({
        ...EVENT_BASE,
        event: 'application.created',
        event_id: 'evt-app-1',
        application_id: 'app-1',
        candidate_id: 'cand-1',
        vacancy_id: 'vac-1',
      }),
    );
    const all = await receiver.waitForRequests(3);
    expect(all.map(({ verdict }) => verdict)).toEqual(['valid', 'valid', 'valid']);
    const scored = all
      .map(({ body }) => JSON.parse(body.toString('utf8')))
      .find((each) => each.event === 'application.created');
    expect(scored).toMatchObject({
      reference_id: application.answer.reference_id,
      status: 'success',
      data: { application_id: 'app-1', candidate_id: 'cand-1', vacancy_id: 'vac-1', score: 42 },
    });

    expect(await dev.program.end('SIGINT')).toEqual({ code: 0, signal: null });
  });

  test('a wrong secret is refused, and nothing comes of it', async () => {
    const receiver = await startPythonReceiver();
    const dev = await startDev(tempFolder(), ['--db', ':memory:', '--webhook-url', receiver.url]);
    // The outgoing secret, too, is a wrong one here.
    for (const secret of ['another', 'demo-outgoing-secret']) {
      expect(await send(dev.url, candidateCreated('cand-1'), secret)).toEqual({
        code: 22,
        status: expect.stringMatching(/^HTTP 401$/m),
        answer: { detail: 'Invalid signature' },
      });
    }
    const good = await send(dev.url, candidateCreated('cand-2'));
    const [request] = await receiver.waitForRequests(1);
    expect(JSON.parse(request!.body.toString()).reference_id).toBe(good.answer.reference_id);
  });

  test('a failing AI is reported to the receiver as a failed event', async () => {
    const receiver = await startPythonReceiver();
    const dev = await startDev(tempFolder(), ['--db', ':memory:', '--webhook-url', receiver.url]);
    await send(dev.url, candidateCreated('cand-1', { email: 'jane+ai-fail@example.com' }));
    const [request] = await receiver.waitForRequests(1);
    expect(JSON.parse(request!.body.toString())).toMatchObject({
      event: 'candidate.created',
      status: 'failed',
      error: { code: 'ai_failed', message: expect.stringMatching(/\S/) },
    });
  });
});
