import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { startDev } from '../support/dev-process.ts';
import { tempFolder } from '../support/folder.ts';
import { runProgram } from '../support/program.ts';
import { startTestReceiver } from '../support/receiver.ts';
import { havePrograms } from '../support/require-program.ts';
import { signLikeTheGuides } from '../support/sign.ts';

/**
 * The public guides, step by step, with `curl`: only the host is another. From nothing to
 * `application.created` with a score.
 */

const CV = fileURLToPath(new URL('../../fixtures/files/cv-nl.pdf', import.meta.url));

const able = havePrograms('the guides, played with curl', 'curl', 'openssl');

test.skipIf(!able)(
  'the guides, played with curl: workspace, member, CV, candidate, vacancy, application, score',
  async () => {
    const receiver = await startTestReceiver();
    const folder = tempFolder();
    const { url } = await startDev(folder, ['--db', ':memory:', '--webhook-url', receiver.url]);

    const curl = async (...args: string[]) => {
      const { stdout, stderr, code } = await runProgram('curl', ['-sS', '-w', '\n%{http_code}', ...args]);
      expect([code, stderr]).toEqual([0, '']);
      const at = stdout.lastIndexOf('\n');
      return { status: Number(stdout.slice(at + 1)), json: JSON.parse(stdout.slice(0, at)) };
    };
    const post = (path: string, body: unknown, ...headers: string[]) =>
      curl(
        '-X',
        'POST',
        `${url}${path}`,
        '-H',
        'X-API-Key: demo-api-key',
        '-H',
        'Content-Type: application/json',
        ...headers.flatMap((one) => ['-H', one]),
        '-d',
        JSON.stringify(body),
      );
    /** Waits for the event that a 202 promised, as a receiver's code would: by its signature and its reference. */
    let seen = 0;
    const next = async (answer: { status: number; json: { reference_id: string } }) => {
      expect(answer.status).toBe(202);
      await receiver.waitFor(++seen);
      const { headers, body } = receiver.received[seen - 1]!;
      const t = Number(/^t=(\d+)/.exec(String(headers['x-webhook-signature']))![1]);
      expect(headers['x-webhook-signature']).toBe(signLikeTheGuides(body, 'demo-outgoing-secret', t));
      expect(headers['x-carv-causation-id']).toBe(answer.json.reference_id);
      const event = JSON.parse(body.toString());
      expect(event).toMatchObject({ reference_id: answer.json.reference_id, status: 'success', error: null });
      return event;
    };

    // Quick start, in the workspace that is there from the start.
    const jane = {
      candidate_id: 'test-123',
      first_name: 'Jane',
      last_name: 'Smith',
      email: 'jane@example.com',
    };
    const demo = ['X-ATS-Client-ID: acme-corp', 'X-ATS-User-ID: admin-user'];
    expect(await next(await post('/v1/candidates', jane, ...demo))).toMatchObject({
      event: 'candidate.created',
      data: jane,
    });

    // Workspace management, by REST.
    const workspace = {
      client_id: 'guide-corp',
      name: 'Guide Corp',
      admin_name: 'Admin User',
      admin_email: 'admin@guide.example',
    };
    const early = await post(
      '/v1/candidates',
      jane,
      'X-ATS-Client-ID: guide-corp',
      'X-ATS-User-ID: recruiter-001',
    );
    expect(early.status).toBeGreaterThanOrEqual(400);
    expect((await next(await post('/v1/workspaces', workspace))).event).toBe('workspace.provisioned');
    const member = { user_id: 'recruiter-001', name: 'Jane Smith', email: 'jane@acme.com' };
    expect((await next(await post('/v1/workspaces/guide-corp/members', member))).event).toBe(
      'workspace.member_added',
    );

    // The same by a signed webhook: compact bytes, signed with openssl, the same bytes posted.
    const body = JSON.stringify({
      event: 'workspace.created',
      event_id: 'evt-guide-1',
      client_id: 'hook-corp',
      user_id: 'admin-1',
      name: 'Hook Corp',
      admin_name: 'Admin User',
      admin_email: 'admin@hook.example',
    });
    const t = Math.floor(Date.now() / 1000);
    const hmac = await runProgram('openssl', ['dgst', '-sha256', '-hmac', 'demo-incoming-secret'], {
      input: `${t}.${body}`,
    });
    const v1 = hmac.stdout.trim().split(' ').at(-1)!;
    const hooked = await curl(
      '-X',
      'POST',
      `${url}/v1/webhooks/demo-ats`,
      '-H',
      'Content-Type: application/json',
      '-H',
      `X-Webhook-Signature: t=${t},v1=${v1}`,
      '--data-binary',
      body,
    );
    expect((await next(hooked)).event).toBe('workspace.provisioned');

    // File uploads.
    const tenant = ['X-ATS-Client-ID: guide-corp', 'X-ATS-User-ID: recruiter-001'];
    const uploaded = await curl(
      '-X',
      'POST',
      `${url}/uploads`,
      '-H',
      'X-API-Key: demo-api-key',
      '-H',
      tenant[0]!,
      '-F',
      `file=@${CV}`,
    );
    expect(uploaded.status).toBe(200);
    expect(uploaded.json).toMatchObject({ file_name: 'cv-nl.pdf', content_type: 'application/pdf' });
    const cv = { carv_file_id: uploaded.json.carv_file_id as string };

    // Application scoring: each step waits for the event of the one before.
    const candidate = { ...jane, candidate_id: 'cand-1', cv };
    expect((await next(await post('/v1/candidates', candidate, ...tenant))).event).toBe('candidate.created');
    const twice = await post('/v1/candidates', { ...candidate, candidate_id: 'cand-2' }, ...tenant);
    expect(twice.status).toBe(422);
    const vacancy = {
      vacancy_id: 'vac-1',
      title: 'Orderpicker',
      description: 'Orderpicker met reachtruck in Tilburg',
      requirements: ['reachtruck'],
    };
    expect((await next(await post('/v1/vacancies', vacancy, ...tenant))).event).toBe('vacancy.created');
    const application = { application_id: 'app-1', candidate_id: 'cand-1', vacancy_id: 'vac-1' };
    const scored = await next(await post('/v1/applications', application, ...tenant));
    expect(scored).toMatchObject({
      event: 'application.created',
      client_id: 'guide-corp',
      data: application,
    });
    expect(scored.data.score).toBeGreaterThanOrEqual(0);
    expect(scored.data.score).toBeLessThanOrEqual(100);
    expect(scored.data.score_reasons.length).toBeGreaterThan(0);
  },
);
