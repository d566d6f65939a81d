import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { AiOptions } from '../../../src/emulator/index.ts';
import { AI_SECRET, startAiService } from '../../support/ai-service.ts';
import { candidateCreated, postWebhook, startDelivering } from '../../support/emulator.ts';
import { freePort, serveHttp, unusedUrl } from '../../support/receiver.ts';
import { curlUpload, fixtureFile, fixturePath } from '../../support/uploads.ts';

async function start(ai: AiOptions) {
  const started = await startDelivering({
    ai: { secret: AI_SECRET, backoffMs: 20, ...ai },
  });
  /** Sends a candidate of this last name and waits for its one result. */
  const run = async (lastName: string, id = `cand-${lastName}`) => {
    const event = candidateCreated({ candidate_id: id, last_name: lastName });
    const { done, trace, reference_id: reference } = await started.postAndWait('settled', event);
    expect(done).toBe(true);
    const results = started.receiver.received
      .map(({ body }) => JSON.parse(body.toString()))
      .filter(({ reference_id }) => reference_id === reference);
    return { results, trace, reference };
  };
  return { ...started, run };
}

describe('jobs at a service of the user’s', () => {
  const RIGHT: [string, number][] = [
    ['success', 1],
    ['slow', 1],
    ['later', 1],
    ['twice', 1],
    ['correction', 1],
    ['unknown', 1],
    ['flaky', 2],
    ['limited', 2],
    ['reset', 2],
  ];
  test('get links that begin as `gatewayUrl` says: a service in a container reaches the gateway by another name', async () => {
    const service = await startAiService();
    const { run } = await start({ url: service.url, gatewayUrl: 'http://host.docker.internal:4010/' });
    await run('success');
    expect(service.jobs()[0]!.callback_url).toMatch(
      /^http:\/\/host\.docker\.internal:4010\/_carvos\/ai\/callbacks\/[\w-]+$/,
    );
  });

  test('lead to exactly one right result each, however the service gets there', async () => {
    const service = await startAiService();
    const { run } = await start({ url: service.url });
    const outcomes = await Promise.all(RIGHT.map(async ([how]) => [how, await run(how)] as const));
    for (const [how, { results, trace }] of outcomes) {
      const attempts = RIGHT.find(([name]) => name === how)![1];
      expect(results, how).toHaveLength(1);
      expect(results[0], how).toMatchObject({
        status: 'success',
        error: null,
        data: { candidate_id: `cand-${how}`, last_name: how, summary: `by the service, attempt ${attempts}` },
      });
      expect(trace.job, how).toMatchObject({ state: 'done', error: null });
      expect(trace.job!.attempts, how).toHaveLength(attempts);
      expect(trace.job!.attempts.at(-1), how).toMatchObject({
        number: attempts,
        outcome: 'answered',
        backend: ['later', 'twice', 'correction'].includes(how) ? 'service (callback)' : 'service',
      });
    }
    const byName = Object.fromEntries(outcomes);
    expect(byName.flaky!.trace.job!.attempts[0]).toMatchObject({ outcome: 'failed', status: 500 });
    const [limited, second] = byName.limited!.trace.job!.attempts;
    expect(limited).toMatchObject({ status: 429, error: { code: 'ai_http_error' } });
    // Retry-After: 1, against a backoff of 20 ms.
    expect(Date.parse(second!.started_at) - Date.parse(limited!.started_at)).toBeGreaterThanOrEqual(990);

    const calls = await service.program.waitUntil(() => {
      const made = service.lines().flatMap(({ called }) => (called ? [called.join()] : []));
      return made.length === 4 && made.sort();
    }, 'the callbacks');
    expect(calls).toEqual(['200', '200,410', '404', '422,200']);
    expect(
      service
        .lines()
        .filter(({ job }) => job)
        .every(({ genuine }) => genuine),
    ).toBe(true);
  });

  test('that end badly become one failed event with an error that tells why', async () => {
    const service = await startAiService();
    const { run } = await start({ url: service.url, retries: 1 });
    const { run: runHurried } = await start({ url: service.url, retries: 1, timeoutMs: 400.5 });
    const { run: runUncalled } = await start({ url: service.url, retries: 1, callbackTimeoutMs: 400 });
    const limited: Record<string, typeof run> = { hang: runHurried, 'never-calls': runUncalled };
    const cases: [string, string, number, RegExp][] = [
      ['broken', 'ai_http_error', 2, /answered 500/],
      ['redirect', 'ai_http_error', 1, /307; redirects are not followed/],
      ['invalid', 'ai_bad_answer', 1, /not JSON/],
      ['wrong', 'ai_bad_answer', 1, /first_name/],
      ['other', 'ai_bad_answer', 1, /another candidate_id/],
      ['huge', 'ai_bad_answer', 1, /larger than 1 MiB/],
      ['hang', 'ai_timeout', 1, /no answer within 0\.4005 s/],
      ['never-calls', 'ai_timeout', 1, /no callback within 0.4 s/],
      ['says-no', 'too_blurry', 1, /cannot read it/],
    ];
    await Promise.all(
      cases.map(async ([how, code, attempts, message]) => {
        const { results, trace } = await (limited[how] ?? run)(how);
        expect(results, how).toHaveLength(1);
        expect(results[0], how).toMatchObject({ status: 'failed', data: { candidate_id: `cand-${how}` } });
        expect(results[0].error, how).toEqual({ code, message: expect.stringMatching(message) });
        expect(trace.job, how).toMatchObject({ state: 'failed', error: { code } });
        expect(trace.job!.attempts, how).toHaveLength(attempts);
      }),
    );
    expect(service.lines().some(({ path }) => path === '/elsewhere')).toBe(false);
    const { results, trace } = await run('nothing');
    expect([results, trace.job!.state]).toEqual([[], 'done']);
  });

  test('a service that is not there is asked again, and then the job fails', async () => {
    const { run } = await start({ url: `${await unusedUrl()}/`, retries: 2 });
    const { results, trace } = await run('nobody');
    expect(results).toHaveLength(1);
    expect(results[0]).toMatchObject({ status: 'failed', error: { code: 'ai_unreachable' } });
    expect(trace.job!.attempts.map(({ error }) => error!.code)).toEqual(Array(3).fill('ai_unreachable'));
  });

  test('a service that is killed midway finishes the job when it is back', async () => {
    const port = await freePort();
    const service = await startAiService({ port });
    const { emulator, run } = await start({ url: service.url, retries: 10, backoffMs: 150 });
    const job = run('hang');
    await service.program.waitUntil(() => service.jobs().length === 1, 'the job at the service');
    await service.program.end('SIGKILL');
    const old = service.jobs()[0]!.callback_url;
    const back = await startAiService({ port });
    await back.program.waitUntil(() => back.jobs().length === 1, 'the job at the new service');
    // The first link still stands for the job, whichever process calls back.
    const data = { ...back.jobs()[0]!.entity.data, summary: 'called' };
    const post = () => fetch(old, { method: 'POST', body: JSON.stringify({ data }) });
    expect((await post()).status).toBe(200);
    const { results } = await job;
    expect(results).toHaveLength(1);
    expect(results[0]).toMatchObject({ status: 'success', data });
    expect((await post()).status).toBe(410);
    expect(back.jobs()[0]!.job_id).toBe(service.jobs()[0]!.job_id);
    expect((await fetch(`${emulator.url}/_carvos/ai/jobs`)).status).toBe(404);
  });

  test('HEAD says what is behind the link of a CV, and does not use it up', async () => {
    const statuses: number[] = [];
    const serving = await serveHttp(async (request, response) => {
      let text = '';
      for await (const piece of request) text += piece;
      const { url } = JSON.parse(text).cv;
      for (const method of ['HEAD', 'HEAD', 'GET', 'HEAD']) {
        const answer = await fetch(url, { method });
        const { length } = Buffer.from(await answer.arrayBuffer());
        expect(length > 0).toBe(method === 'GET');
        statuses.push(answer.status);
      }
      response.end('{"default": true}');
    });
    const { emulator, postAndWait } = await start({
      url: `${serving.url}/`,
    });
    const upload = await curlUpload(emulator.url, '-F', `file=@${fixturePath('cv-nl.pdf')}`);
    const { carv_file_id } = upload.json as { carv_file_id: string };
    await postAndWait('settled', candidateCreated({ cv: { carv_file_id } }));
    expect(statuses).toEqual([200, 200, 200, 410]);
  });

  test('at most so many are at the service at once', async () => {
    const held: (() => void)[] = [];
    let most = 0;
    let answered = 0;
    const serving = await serveHttp((request, response) => {
      request.resume().on('end', () => {
        held.push(() => response.end('{"default": true}'));
        most = Math.max(most, held.length);
        // Held until as many as may come are there.
        if (held.length < Math.min(3, 20 - answered)) return;
        answered += held.length;
        for (const release of held.splice(0)) release();
      });
    });
    const url = `${serving.url}/`;
    const { run } = await start({ url, concurrency: 3 });
    const all = await Promise.all(Array.from({ length: 20 }, (_, index) => run('many', `cand-${index}`)));
    expect(all.every(({ results }) => results[0].status === 'success')).toBe(true);
    expect(most).toBe(3);
  });

  test('the service gets the CV by a link that works once, its text, and what an application links', async () => {
    const service = await startAiService();
    const { emulator, run, receiver, postAndWait } = await start({ url: service.url });
    const upload = await curlUpload(emulator.url, '-F', `file=@${fixturePath('cv-nl.pdf')}`);
    const { carv_file_id } = upload.json as { carv_file_id: string };
    await postAndWait(
      'settled',
      candidateCreated({
        candidate_id: 'cand-cv',
        last_name: 'file',
        cv: { carv_file_id },
      }),
    );
    const [job] = service.jobs();
    expect(job!.cv_text).toEqual(expect.stringMatching(/\w{3}/));
    expect(service.lines().find(({ files }) => files)!.files).toEqual([
      [200, fixtureFile('cv-nl.pdf').length],
      [410, expect.any(Number)],
    ]);
    await run('one');
    expect(receiver.received.length).toBe(2);
    expect(JSON.stringify(job)).not.toContain(AI_SECRET);
  });
});

test('a service that refuses the signature leads to the secret', async () => {
  const service = await startAiService({ secret: 'another secret' });
  const { postAndWait } = await startDelivering({
    ai: { url: service.url, secret: AI_SECRET },
  });
  const { trace } = await postAndWait('settled');
  expect(trace.job!.error).toEqual({
    code: 'ai_http_error',
    message: 'the AI answered 401; does it have the same CARVOS_AI_SECRET?',
  });
});

test('fixtures/ai-service.py scores applications and refuses what is not signed', async () => {
  const service = await startAiService({ example: true });
  const { emulator, control, receiver } = await start({ url: service.url });
  const send = async (event: Record<string, unknown>) => {
    const base = { client_id: 'acme-corp', user_id: 'admin-user' };
    const { json, status } = await postWebhook(emulator.url, { ...base, ...event });
    expect(status, JSON.stringify(json)).toBe(202);
    await control.wait(json.reference_id, { until: 'settled', timeoutMs: 60_000 });
    return JSON.parse(receiver.received.at(-1)!.body.toString());
  };
  const sample = (name: string) =>
    JSON.parse(readFileSync(`fixtures/events/incoming/${name}.json`, 'utf8')) as Record<string, unknown>;
  const candidate = sample('candidate.created');
  const vacancy = sample('vacancy.created');
  await send(candidate);
  await send(vacancy);
  const result = await send({
    ...sample('application.created'),
    candidate_id: candidate.candidate_id,
    vacancy_id: vacancy.vacancy_id,
  });
  expect(result).toMatchObject({ event: 'application.created', status: 'success' });
  expect(result.data.score_reasons[0]).toMatch(/^The CV has \d of \d words of the title\.$/);
  const forged = await fetch(service.url, {
    method: 'POST',
    body: '{}',
    headers: { 'X-Webhook-Signature': 't=1,v1=00' },
  });
  expect(forged.status).toBe(401);
});
