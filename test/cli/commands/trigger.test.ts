import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeBinary } from '../../../src/cli/text/http.ts';
import { writeEmulatorFile } from '../../../src/client/emulator-file.ts';
import { startDemoGateway } from '../../support/demo-gateway.ts';
import { tempFolder } from '../../support/folder.ts';
import { runCli } from '../../support/program.ts';
import { pythonAccepts } from '../../support/python-signature.ts';
import { serveHttp, startRecordingServer, startTestReceiver, unusedUrl } from '../../support/receiver.ts';

const OUTGOING = 'demo-outgoing-secret';

async function trigger(
  args: string[],
  options: { status?: number; body?: unknown; env?: Record<string, string> } = {},
) {
  const receiver = await startRecordingServer(() => ({
    status: options.status ?? 200,
    body: options.body ?? { status: 'received' },
  }));
  const to = ['--timeout', '60s', '--url', `${receiver.url}/webhooks/carvos`];
  const result = await runCli(['trigger', ...args, ...to], { cwd: tempFolder(), env: options.env });
  return { ...result, request: receiver.requests[0]! };
}

/** What was seen of the real gateway. */
const FACTS = JSON.stringify({
  version: 1,
  eventHeader: 'X-Gateway-Event',
  score: { min: 0, max: 10, whole: false },
  fields: { envelope: { region: 'text' } },
});

describe('with facts and without a gateway', () => {
  it.each([
    ['trigger', ['trigger', 'application.created', '--timeout', '60s', '--url']],
    ['check', ['check', '--timeout', '60s', '--only', 'accepts-valid,every-event']],
  ])('%s sends what the real gateway sends', async (_command, args) => {
    const receiver = await startRecordingServer(() => ({ status: 200 }));
    const cwd = tempFolder({ 'carvos.facts.json': FACTS });
    expect((await runCli([...args, `${receiver.url}/hook`], { cwd })).code).toBe(0);
    const request = receiver.requests.find(({ body }) => /"application\.created"/.test(String(body)))!;
    expect(request.headers['x-gateway-event']).toBe('application.created');
    expect(request.headers['x-carv-event']).toBeUndefined();
    const { region, data } = JSON.parse(request.body.toString());
    expect(region).toBe('');
    expect(data.score).toBeLessThanOrEqual(10);
    expect(pythonAccepts(request.body, OUTGOING, String(request.headers['x-webhook-signature']))).toBe(true);
  });
});

describe('carvos trigger', () => {
  it('says the type and size of an answer that is no text; --json has its bytes', async () => {
    const picture = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(3000, 0xfe)]);
    const { url } = await serveHttp((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'image/png' }).end(picture);
    });
    const args = ['trigger', 'candidate.created', '--timeout', '60s', '--url', url];
    const { stdout } = await runCli(args, { cwd: tempFolder() });
    expect(stdout).toMatch(/^200 .*\n {2}\(image\/png, 3008 bytes that are no text\)\n$/);
    const { response } = JSON.parse((await runCli([...args, '--json'], { cwd: tempFolder() })).stdout);
    expect(response.body).toMatchObject({ encoding: 'base64', text: picture.toString('base64') });
  });

  it('shows a text that was cut off within a letter', () => {
    const body = Buffer.from('caf\u00e9').subarray(0, 4);
    expect(describeBinary({ headers: {}, body })).toBeNull();
    expect(describeBinary({ headers: {}, body: Buffer.from('PK\0') })).toBe(
      '(no Content-Type, 3 bytes that are no text)',
    );
  });

  it('posts a test event as the portal does, signed with the outgoing secret', async () => {
    const before = Date.now();
    const { code, stdout, request } = await trigger(['application.created', '--json']);
    expect(code).toBe(0);
    const body = JSON.parse(request.body.toString());
    expect(body).toMatchObject({
      event: 'application.created',
      status: 'success',
      error: null,
      client_id: 'acme-corp',
    });
    expect(request).toMatchObject({ method: 'POST', path: '/webhooks/carvos' });
    expect(request.headers).toMatchObject({
      'content-type': 'application/json',
      'x-carvos-test': 'true',
      'x-carv-event': 'application.created',
      'x-carv-causation-id': body.reference_id,
    });
    const made = Date.parse(body.timestamp);
    expect(made).toBeGreaterThanOrEqual(Math.floor(before / 1000) * 1000);
    expect(made).toBeLessThanOrEqual(Date.now());
    expect(pythonAccepts(request.body, OUTGOING, String(request.headers['x-webhook-signature']))).toBe(true);
    expect(JSON.parse(stdout)).toMatchObject({
      version: 2,
      accepted: true,
      status: 200,
      test: true,
      response: { body: { text: '{"status":"received"}' } },
    });
  });

  it('leaves the test header out, and sets fields', async () => {
    const { request } = await trigger(['application.created', '--no-test-header', '--set', 'data.score=42']);
    expect(request.headers['x-carvos-test']).toBeUndefined();
    expect(JSON.parse(request.body.toString()).data.score).toBe(42);
  });

  it('sends what the editor left', async () => {
    const { code, request } = await trigger(['candidate.created', '--edit'], {
      env: { EDITOR: "sed -i 's/Sanne/Fleur/'" },
    });
    expect(code).toBe(0);
    expect(JSON.parse(request.body.toString()).data.first_name).toBe('Fleur');
    expect(pythonAccepts(request.body, OUTGOING, String(request.headers['x-webhook-signature']))).toBe(true);
  });

  it('sends nothing when there is no editor, it fails, or leaves no JSON', async () => {
    for (const env of [{}, { EDITOR: 'false' }, { EDITOR: "sed -i 's/{/(/'" }]) {
      const { code, request } = await trigger(['candidate.created', '--edit'], {
        env: env as Record<string, string>,
      });
      expect(code).toBe(2);
      expect(request).toBeUndefined();
    }
  });

  it.each([401, 302, 500])('ends with 1 when the receiver answers %d', async (status) => {
    const { code, stdout, stderr } = await trigger(['candidate.created'], { status, body: 'no\u001b[2J' });
    expect(code).toBe(1);
    expect(stdout).toContain(String(status));
    expect(stdout).toContain('no\\x1b[2J');
    expect(stderr).toContain('next:');
  });

  it('ends with 5 when nothing listens, and with 2 without a receiver', async () => {
    const folder = tempFolder();
    expect(
      (await runCli(['trigger', 'candidate.created', '--url', await unusedUrl()], { cwd: folder })).code,
    ).toBe(5);
    const { code, stderr } = await runCli(['trigger', 'candidate.created'], { cwd: folder });
    expect(code).toBe(2);
    expect(stderr).toContain('--url');
  });

  it('points to send for an event that is only incoming', async () => {
    const { code, stderr } = await runCli(['trigger', 'workspace.created', '--url', '1'], {
      cwd: tempFolder(),
    });
    expect(code).toBe(2);
    expect(stderr).toContain('carvos send workspace.created');
  });

  it('goes through the gateway that runs, and its own way where a flag, the body or a stale file says so', async () => {
    const gateway = await startDemoGateway();
    const other = await startTestReceiver();
    const send = async (source: string, ...flags: string[]) => {
      const { code, stdout } = await gateway.carvos('trigger', source, '--json', ...flags);
      return [code, JSON.parse(stdout).delivery_id];
    };
    const logged = [0, expect.stringMatching(/^dlv_/)];
    expect(await send('candidate.created')).toEqual(logged);
    expect(await send('candidate.created', '--url', gateway.receiver.url)).toEqual(logged);
    for (const flags of [
      ['--timeout', '60s'],
      ['--no-test-header'],
      ['--secret', 'another'],
      ['--url', other.url],
    ])
      expect(await send('candidate.created', ...flags), flags.join(' ')).toEqual([0, null]);
    expect([gateway.receiver.received.length, other.received.length]).toEqual([5, 1]);

    writeFileSync(join(gateway.cwd, 'odd.json'), '{"event":"candidate.created"}');
    expect(await send('odd.json')).toEqual([0, null]);
    const stale = { token: 't', pid: process.pid, started_at: '2026-11-23T10:00:00Z' };
    writeEmulatorFile(gateway.cwd, { url: await unusedUrl(), ...stale });
    expect(await send('candidate.created', '--url', other.url)).toEqual([0, null]);
  });

  it('guards public receivers', async () => {
    const { code, stderr } = await runCli(['trigger', 'candidate.created', '--url', 'https://203.0.113.1/'], {
      cwd: tempFolder(),
    });
    expect(code).toBe(2);
    expect(stderr).toContain('--live');
  });
});
