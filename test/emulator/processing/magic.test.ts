import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { IncomingEventName } from '../../../src/contract/event-names.ts';
import type { AiJob } from '../../../src/emulator/processing/backend.ts';
import { MAGIC_TAGS, MAX_SLOW_MS, parseMagic } from '../../../src/emulator/processing/stub/magic.ts';
import { askStub } from '../../../src/emulator/processing/stub/stub.ts';

const never = new AbortController().signal;

function job(event: IncomingEventName, email: string): AiJob {
  const person = { id: 'cand-1', data: { email, skills: ['Java'] } };
  const isApplication = event.startsWith('application.');
  return {
    job_id: 'job-1',
    reference_id: 'ref-1',
    event,
    ats_id: 'demo-ats',
    client_id: 'acme-corp',
    user_id: null,
    entity: isApplication ? { id: 'app-1', data: {} } : person,
    candidate: isApplication ? person : null,
    vacancy: isApplication ? { id: 'vac-1', data: { title: 'Java developer' } } : null,
    request: {},
    cv_text: null,
  };
}

test('every tag of the table is read from its example', () => {
  for (const { tag, example } of MAGIC_TAGS) {
    expect(parseMagic(example), tag).not.toEqual(parseMagic('jane@example.com'));
  }
});

test('tags combine, in any case and order', () => {
  expect(parseMagic('Jane+SLOW-3s+score-42@example.com')).toEqual({
    score: 42,
    failWith: null,
    slowMs: 3000,
    noResult: false,
  });
  expect(parseMagic('j+no-result+ai-fail-rate_limited+slow-20m@x.nl')).toEqual({
    score: null,
    failWith: 'rate_limited',
    slowMs: MAX_SLOW_MS,
    noResult: true,
  });
});

test.each([
  'jane+score-101@x.nl',
  'jane+score-@x.nl',
  'jane+failure@x.nl',
  'score-42@x.nl',
  'jane@score-42+ai-fail.nl',
  '+score-42',
  '',
  7,
  null,
])('%s holds no tag', (email) => {
  expect(parseMagic(email)).toEqual({ score: null, failWith: null, slowMs: 0, noResult: false });
});

test.each([0, 42, 100])('+score-%i is the score of the application, exactly', async (score) => {
  const result = await askStub(job('application.created', `jane+score-${score}@example.com`), never);
  expect(result).toMatchObject({ kind: 'result', data: { score } });
});

test.each([
  'candidate.created',
  'candidate.updated',
  'candidate.deleted',
  'application.created',
  'application.updated',
] as const)('+ai-fail and +no-result decide %s', async (event) => {
  expect(await askStub(job(event, 'jane+ai-fail@example.com'), never)).toEqual({
    kind: 'failure',
    error: { code: 'ai_failed', message: expect.stringMatching(/e-mail/) },
  });
  expect(await askStub(job(event, 'jane+no-result@example.com'), never)).toEqual({ kind: 'nothing' });
});

test('a vacancy that happens to have such an e-mail is not magic', async () => {
  expect((await askStub(job('vacancy.created', 'hr+ai-fail@example.com'), never)).kind).toBe('result');
});

test('+slow waits, then does the rest', async () => {
  const result = await askStub(job('application.created', 'jane+slow-20ms+score-7@example.com'), never);
  expect(result).toMatchObject({ kind: 'result', data: { score: 7 } });
});

test('+slow stops at once when the emulator does', async () => {
  const controller = new AbortController();
  const running = askStub(job('candidate.created', 'jane+slow-9m@example.com'), controller.signal);
  // Were it no wait, it would be done by now.
  expect(await Promise.race([running.then(() => 'done'), nextTurn('waits')])).toBe('waits');
  controller.abort(new Error('stopping'));
  await expect(running).rejects.toThrow('stopping');
  await expect(askStub(job('candidate.created', 'jane@example.com'), controller.signal)).rejects.toThrow(
    'stopping',
  );
});
