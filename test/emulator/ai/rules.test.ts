import { describe, expect, test } from 'vitest';
import { validateConfigText } from '../../../src/contract/config.ts';
import type { AiOptions } from '../../../src/emulator/index.ts';
import { candidateCreated, startDelivering, testOptions } from '../../support/emulator.ts';

async function start(ai: AiOptions) {
  const started = await startDelivering({ ai });
  const send = async (event: Record<string, unknown>) => {
    const { trace, reference_id } = await started.postAndWait('settled', event);
    const results = started.receiver.received
      .map(({ body }) => JSON.parse(body.toString()))
      .filter((one) => one.reference_id === reference_id);
    return { result: results[0], results, trace };
  };
  return { ...started, send };
}

describe('rules', () => {
  test('a path of a template at which there is nothing is reported, once', async () => {
    const { emulator, send } = await start({
      rules: [{ data: { summary: '{{entity.frist_name}} of {{entity.phone}}' } }],
    });
    const reported: string[] = [];
    emulator.subscribe((entry) => {
      if (entry.type === 'notice') reported.push(`${entry.level}: ${entry.text}`);
    });
    for (const id of ['c1', 'c2']) {
      const { result } = await send(candidateCreated({ candidate_id: id, phone: null }));
      expect(result.data.summary).toBe(' of ');
    }
    expect(reported).toEqual([
      "warning: the AI's rule 1: {{entity.frist_name}} is nothing in this job, so it is left empty",
    ]);
  });

  test('within a text an object is its JSON, whatever its fields are called', async () => {
    const { send } = await start({ rules: [{ data: { summary: 'x is {{entity.x}}, {{entity.n}}' } }] });
    const { result } = await send(candidateCreated({ x: { toString: 1, valueOf: [2] }, n: 7 }));
    expect(result.data.summary).toBe('x is {"toString":1,"valueOf":[2]}, 7');
  });

  test('the first that matches answers, filled in from the job; what none matches goes to the stub', async () => {
    const { send } = await start({
      rules: [
        {
          when: { where: { 'entity.email': 'a@b.example' } },
          fail: { code: 'rate_limited', message: 'too many' },
        },
        {
          name: 'smiths',
          when: { event: 'candidate.created', where: { 'entity.last_name': { matches: '^Smi' } } },
          data: {
            summary: 'Hello {{entity.first_name}}, {{ entity.no_such }}!',
            skills: '{{entity.skills}}',
          },
        },
        { when: { where: { 'entity.phone': { exists: true } } }, nothing: true },
        { when: { clientId: 'another' }, nothing: true },
        { when: { id: 'cand-slow' }, delayMs: 30 },
        { when: { id: 'cand-bad' }, data: { first_name: 42 } },
      ],
    });
    const failed = await send(candidateCreated({ email: 'a@b.example' }));
    expect(failed.result).toMatchObject({
      status: 'failed',
      error: { code: 'rate_limited', message: 'too many' },
    });
    const smith = await send(candidateCreated({ skills: ['C', 'Go'] }));
    expect(smith.result).toMatchObject({
      status: 'success',
      data: { summary: 'Hello Jane, !', skills: ['C', 'Go'], last_name: 'Smith' },
    });
    expect(smith.trace.job!.attempts).toMatchObject([{ backend: 'rule smiths', outcome: 'answered' }]);
    const nothing = await send(candidateCreated({ last_name: 'Jones', phone: '+31612345678' }));
    expect([nothing.results, nothing.trace.job!.state]).toEqual([[], 'done']);
    const stub = await send(candidateCreated({ last_name: 'Jones' }));
    expect(stub.trace.job!.attempts).toMatchObject([{ backend: 'stub' }]);
    expect(stub.result.status).toBe('success');
    const slow = await send(candidateCreated({ last_name: 'Jones', candidate_id: 'cand-slow' }));
    expect(slow.result.status).toBe('success');
    expect(slow.trace.job!.attempts[0]!.duration_ms).toBeGreaterThanOrEqual(29);
    const bad = await send(candidateCreated({ last_name: 'Jones', candidate_id: 'cand-bad' }));
    expect(bad.result).toMatchObject({ status: 'failed', error: { code: 'ai_bad_answer' } });
  });

  test('a regular expression that would never end is no match, is reported, and in the end asked no more', async () => {
    const { emulator, send } = await start({
      rules: [{ when: { where: { 'entity.last_name': { matches: '^(a+)+$' } } }, nothing: true }],
    });
    const reported: string[] = [];
    emulator.subscribe((entry) => {
      if (entry.type === 'notice') reported.push(entry.text);
    });
    for (const id of ['c1', 'c2', 'c3', 'c4']) {
      const { result } = await send(candidateCreated({ candidate_id: id, last_name: `${'a'.repeat(40)}!` }));
      expect(result.status).toBe('success');
    }
    expect(reported).toHaveLength(3);
    expect(reported[0]).toContain('"^(a+)+$" took longer than 100 ms, which is no match');
    expect(reported.map((text) => text.includes('it matches nothing from now on'))).toEqual([
      false,
      false,
      true,
    ]);
    // Not even what it would have matched.
    expect((await send(candidateCreated({ candidate_id: 'c5', last_name: 'aaa' }))).results).toHaveLength(1);
  });

  test('a reload changes the next result', async () => {
    const { emulator, receiver, send } = await start({ rules: [{ fail: 'before' }] });
    expect((await send(candidateCreated())).result.error.code).toBe('before');
    expect(emulator.reload(testOptions({ ai: { rules: [{ fail: 'after' }] } }, receiver.url))).toEqual([
      'rules of the AI: 1',
    ]);
    expect((await send(candidateCreated())).result.error.code).toBe('after');
  });

  test('what is wrong in the config file is reported with its line', async () => {
    const text = `{
  "ai": {
    "rules": [
      { "when": { "event": "candidate.craeted" }, "nothing": true },
      { "when": { "where": { "entity.email": { "matches": "(" } } }, "nothing": true },
      { "fail": "x", "nothing": true },
      { "whn": {}, "nothing": true },
      { "when": { "where": { "emial": "x" } }, "nothing": true },
      {}
    ]
  }
}`;
    const problems = await validateConfigText(text);
    expect(new Set(problems.map(({ line }) => line))).toEqual(new Set([4, 5, 6, 7, 8, 9]));
    expect(problems.find(({ line }) => line === 7)!.allowed).toContain('when');
  });
});

describe('a failed job', () => {
  test('is listed, and run again it makes a new outgoing event without applying the event again', async () => {
    const { emulator, control, receiver, send } = await start({
      rules: [{ when: { id: 'c1' }, fail: 'down' }],
    });
    const feed: string[] = [];
    emulator.subscribe((entry) => feed.push(entry.type));
    const first = await send(candidateCreated({ candidate_id: 'c1', first_name: 'Old' }));
    expect(first.result.error.code).toBe('down');
    const { items } = await control.jobs({ state: 'failed' });
    expect(items).toMatchObject([
      { state: 'failed', event: 'candidate.created', run: 1, reference_id: first.trace.reference_id },
    ]);
    emulator.reload(testOptions({ ai: {} }, receiver.url));
    await send({
      ...candidateCreated({ candidate_id: 'c1', first_name: 'New' }),
      event: 'candidate.updated',
    });
    const again = await control.rerunJob(first.trace.reference_id);
    expect(again).toMatchObject({ id: items[0]!.id, run: 2 });
    const { trace } = await control.wait(first.trace.reference_id, { until: 'settled', timeoutMs: 60_000 });
    expect(trace.job).toMatchObject({
      state: 'done',
      run: 2,
      attempts: [
        { run: 1, number: 1, backend: 'rule 1' },
        { run: 2, number: 1, backend: 'stub' },
      ],
    });
    const results = receiver.received
      .map(({ body }) => JSON.parse(body.toString()))
      .filter(({ reference_id }) => reference_id === first.trace.reference_id);
    expect(results.map(({ status }) => status)).toEqual(['failed', 'success']);
    // As the candidate is now, and nothing of it was taken back.
    expect(results[1].data.first_name).toBe('New');
    expect(new Set(results.map(({ event_id }) => event_id)).size).toBe(2);
    await expect(control.rerunJob(items[0]!.id)).rejects.toMatchObject({ status: 409 });
    await expect(control.rerunJob('job_999')).rejects.toMatchObject({ status: 404 });
    expect(feed.filter((type) => type.startsWith('job.'))).toEqual([
      ...['job.started', 'job.finished', 'job.started', 'job.finished', 'job.started', 'job.finished'],
    ]);
  });
});

describe('faults on the AI', () => {
  test.each([
    ['status-500', 'ai_http_error', 3],
    ['status-429', 'ai_http_error', 3],
    ['truncated', 'ai_bad_answer', 1],
    ['wrong-schema', 'ai_bad_answer', 1],
    ['stalled', 'ai_timeout', 1],
    ['never', 'ai_timeout', 1],
  ] as const)('%s leads to %s', async (kind, code, attempts) => {
    const { emulator, send } = await start({
      retries: 2,
      backoffMs: 5,
      ...(code === 'ai_timeout' ? { timeoutMs: 150 } : {}),
    });
    emulator.faults.add({ kind, on: 'ai', ...(kind === 'status-429' ? { retryAfter: 0 } : {}) });
    const { results, trace } = await send(candidateCreated());
    expect(results).toMatchObject([{ status: 'failed', error: { code } }]);
    expect(trace.job!.attempts.map(({ fault }) => fault)).toEqual(Array(attempts).fill(kind));
  });

  test('slow is late, and status-500 --first 1 recovers', async () => {
    const { emulator, send } = await start({ backoffMs: 5 });
    emulator.faults.add({ kind: 'status-500', on: 'ai', first: 1, event: 'candidate.created' });
    emulator.faults.add({ kind: 'slow', on: 'ai', delayMs: 30 });
    const { result, trace } = await send(candidateCreated());
    expect(result.status).toBe('success');
    expect(trace.job!.attempts).toMatchObject([
      { fault: 'status-500', status: 500 },
      { fault: 'slow', backend: 'stub', outcome: 'answered' },
    ]);
    expect(trace.job!.attempts[1]!.duration_ms).toBeGreaterThanOrEqual(29);
  });
});
