import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { tempFolder } from '../../support/folder.ts';
import { runCli } from '../../support/program.ts';
import { pythonAccepts } from '../../support/python-signature.ts';
import {
  type Answer,
  type RecordedRequest,
  serveSocket,
  startRecordingServer,
  unusedUrl,
} from '../../support/receiver.ts';

const REFERENCE = '019bb2a4-6c03-7d1e-9a43-5b7e0f3c0003';
const accepted: Answer = { status: 202, body: { reference_id: REFERENCE } };
const SECRET = 'demo-incoming-secret';

const signature = (request: RecordedRequest) => String(request.headers['x-webhook-signature']);
const parse = (request: RecordedRequest) => JSON.parse(request.body.toString('utf8'));

async function sendTo(answer: Answer | null, args: string[], options: Parameters<typeof runCli>[1] = {}) {
  const gateway = await startRecordingServer(() => answer);
  const result = await runCli(['send', ...args, '--url', String(gateway.port)], {
    cwd: tempFolder(),
    ...options,
  });
  return { ...result, gateway, requests: gateway.requests };
}

describe('carvos send', () => {
  it('posts a signed sample with a fresh event_id and names the reference', async () => {
    const { code, stdout, requests } = await sendTo(accepted, ['candidate.created', '--json']);
    expect(code).toBe(0);
    const [request] = requests;
    expect(request).toMatchObject({ method: 'POST', path: '/v1/webhooks/demo-ats' });
    expect(request!.headers).toMatchObject({ 'content-type': 'application/json' });
    expect(request!.headers['user-agent']).toMatch(/^carvos\//);
    expect(pythonAccepts(request!.body, SECRET, signature(request!))).toBe(true);
    expect(parse(request!)).toMatchObject({
      event: 'candidate.created',
      client_id: 'acme-corp',
      user_id: 'admin-user',
    });
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ version: 2, direction: 'incoming', status: 202, reference_id: REFERENCE });
    const again = await sendTo(accepted, ['candidate.created', '--json']);
    expect(JSON.parse(again.stdout).event_id).not.toBe(result.event_id);
  });

  it('sends a file, and standard input, byte for byte', async () => {
    const body = Buffer.from(
      '{ "event":"candidate.created",\r\n "n": 12345678901234567890 , "é": "\\u00e9"}\n',
    );
    const folder = tempFolder({ 'body.json': body });
    const file = await sendTo(accepted, ['body.json'], { cwd: folder });
    expect(file.requests[0]!.body.equals(body)).toBe(true);
    const noJson = Buffer.from([0xff, 0x00, 0x7b]);
    const stdin = await sendTo(accepted, ['-'], { stdin: noJson });
    expect(stdin.requests[0]!.body.equals(noJson)).toBe(true);
    expect(pythonAccepts(noJson, SECRET, signature(stdin.requests[0]!))).toBe(true);
  });

  it('changes what it is told to and keeps long numbers', async () => {
    const folder = tempFolder({ 'body.json': '{"event":"x","n":12345678901234567890,"skills":["a"]}' });
    const { requests, code } = await sendTo(
      accepted,
      [
        'body.json',
        '--set',
        'score=87',
        '--set',
        'name:=42',
        '--set',
        'skills[1]="b"',
        '--set',
        'a.b={"c":null}',
        '--client-id',
        'me',
        '--event-id',
        'e1',
      ],
      { cwd: folder },
    );
    expect(code).toBe(0);
    expect(requests[0]!.body.toString()).toBe(
      '{"event":"x","n":12345678901234567890,"skills":["a","b"],"client_id":"me","event_id":"e1","score":87,"name":"42","a":{"b":{"c":null}}}',
    );
  });

  it.each([
    [['--set', 'first_name=Jane'], "'first_name:=Jane'"],
    [['--set', 'nothing'], 'path=value'],
    [['--set', 'a..b=1'], 'not a path'],
    [['--fault', 'slow'], 'wrong-signature, wrong-secret'],
    [['--fault', 'stael'], 'Did you mean stale?'],
    [['--expect', 'scoer=1'], 'data.path'],
    [['--expect', 'outcome=deliverd'], 'Did you mean delivered?'],
    [['--timeout', '5'], '90s'],
    [['--url', 'a b'], 'not a target'],
    [['--dry-run', '--curl'], 'do not go together'],
  ])('refuses %j with a helpful word', async (flags, text) => {
    const { code, stderr, stdout } = await runCli(['send', 'candidate.created', ...flags], {
      cwd: tempFolder(),
    });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(text);
  });

  it('does not change a body that is no JSON object', async () => {
    const { code, requests } = await sendTo(accepted, ['-', '--set', 'a=1'], { stdin: '[1]' });
    expect(code).toBe(2);
    expect(requests).toHaveLength(0);
  });

  it('ends with 4 and lists the problems when the gateway refuses', async () => {
    const detail = [
      { type: 'missing', loc: ['body', 'email'], msg: 'Field required', input: {} },
      { type: 'string_type', loc: ['body', 'first_name'], msg: 'Input should be a valid string', input: 7 },
    ];
    const { code, stdout } = await sendTo({ status: 422, body: { detail } }, ['candidate.created']);
    expect(code).toBe(4);
    expect(stdout).toContain('422');
    expect(stdout).toContain('body.email: Field required');
    expect(stdout).toContain('body.first_name: Input should be a valid string (got 7)');
  });

  it.each([429, 500, 503])('says after %i what may have refused it', async (status) => {
    const { code, stderr } = await sendTo({ status, body: {} }, ['candidate.created']);
    expect([code, stderr]).toEqual([4, expect.stringContaining('carvos fault lists the faults on purpose')]);
  });

  it('prints problems that are not what a gateway says, and calls no method of theirs', async () => {
    const odd = { toString: 1, valueOf: 2 };
    const detail = [{ loc: ['body', odd, 0], msg: 'odd', input: odd }, { loc: odd, msg: odd }, null];
    const { code, stdout } = await sendTo({ status: 422, body: { detail } }, ['candidate.created']);
    expect(code).toBe(4);
    expect(stdout).toContain('body.{"toString":1,"valueOf":2}.0: odd');
  });

  it('neutralizes control characters of the answer', async () => {
    const { stdout } = await sendTo({ status: 404, body: { detail: 'evil\u001b[31m\u009b' } }, [
      'candidate.created',
    ]);
    expect(stdout).toContain('evil\\x1b[31m\\x9b');
  });

  it('ends with 5 when nothing listens, with JSON on standard output', async () => {
    const { code, stdout, stderr } = await runCli(
      ['send', 'candidate.created', '--url', await unusedUrl(), '--json'],
      { cwd: tempFolder() },
    );
    expect(code).toBe(5);
    expect(JSON.parse(stdout)).toMatchObject({ status: null, error: { code: 'refused' } });
    expect(stderr).toContain('next: Nothing listens on 127.0.0.1');
  });

  it('ends with 6 when no answer comes in time', async () => {
    const { code } = await sendTo(null, ['candidate.created', '--timeout', '300ms']);
    expect(code).toBe(6);
  });

  it.each([
    ['wrong-signature', 0, false],
    ['wrong-secret', 0, false],
    ['stale', -600, true],
    ['future', 600, true],
    ['tampered-body', 0, false],
  ] as const)('with a fault: %s', async (kind, shift, valid) => {
    const before = Math.floor(Date.now() / 1000);
    const { requests } = await sendTo({ status: 401, body: { detail: 'Invalid signature' } }, [
      'candidate.created',
      '--fault',
      kind,
    ]);
    const request = requests[0]!;
    expect(signature(request)).toMatch(/^t=\d+,v1=[0-9a-f]{64}$/);
    expect(pythonAccepts(request.body, SECRET, signature(request))).toBe(valid);
    const t = Number(/t=(\d+)/.exec(signature(request))![1]);
    expect(t - shift).toBeGreaterThanOrEqual(before);
    expect(t - shift).toBeLessThanOrEqual(Date.now() / 1000);
    expect(parse(request).event).toBe('candidate.created');
  });

  it('with a fault: duplicate', async () => {
    const { code, requests } = await sendTo(accepted, ['candidate.created', '--fault', 'duplicate']);
    expect(code).toBe(0);
    expect(requests).toHaveLength(2);
    expect(requests[0]!.body.equals(requests[1]!.body)).toBe(true);
    // What is refused is not sent again.
    const refused: Answer = { status: 409, body: { detail: 'no' } };
    const once = await sendTo(refused, ['candidate.created', '--fault', 'duplicate']);
    expect([once.code, once.requests.length]).toEqual([4, 1]);
  });

  it('prints the raw request, whose signature holds, and sends nothing', async () => {
    const { raw, requests, code } = await sendTo(accepted, ['candidate.created', '--dry-run']);
    expect({ code, sent: requests.length }).toEqual({ code: 0, sent: 0 });
    const split = raw.indexOf('\r\n\r\n');
    const head = raw.subarray(0, split).toString();
    const body = raw.subarray(split + 4);
    expect(head).toMatch(/^POST \/v1\/webhooks\/demo-ats HTTP\/1\.1\r\nHost: localhost:\d+\r\n/);
    expect(head).toContain(`Content-Length: ${body.length}`);
    expect(pythonAccepts(body, SECRET, /X-Webhook-Signature: (.*)/.exec(head)![1]!.trim())).toBe(true);
  });

  it('says that what is only printed is not judged', async () => {
    for (const flag of ['--dry-run', '--curl'])
      for (const waiting of [['--expect', 'outcome=delivered'], ['--wait']]) {
        const { code, stderr } = await sendTo(accepted, ['candidate.created', flag, ...waiting]);
        expect([code, stderr]).toEqual([0, expect.stringContaining('no expectation is judged')]);
      }
  });

  it('--dry-run prints, to the byte, what goes over the wire without it', async () => {
    const wire = await startRawServer();
    const folder = tempFolder({ 'it is.bin': Buffer.from('{ "é":\r\n "\\u00e9" }\n') });
    const args = ['send', 'it is.bin', '--url', `127.0.0.1:${wire.port}`];
    expect((await runCli(args, { cwd: folder })).code).toBe(0);
    const { raw } = await runCli([...args, '--dry-run'], { cwd: folder });
    // The two were signed at different seconds.
    const timeless = (bytes: Buffer) => bytes.toString('latin1').replace(/t=\d+,v1=[0-9a-f]{64}/, 't,v1');
    expect(timeless(raw)).toContain('X-Webhook-Signature: t,v1\r\n');
    expect(timeless(raw)).toBe(timeless(wire.received()));
  });

  it.each([
    ['a sample', ['candidate.created', '--set', "last_name:=O'Neil\\$HOME `x`"], undefined],
    ['a file', ['it is.bin'], undefined],
    ['bytes that are no text', ['-'], Buffer.from([0, 255, 10, 39])],
  ])('prints a curl command that sends the same bytes: %s', async (_name, args, stdin) => {
    const folder = tempFolder({ 'it is.bin': Buffer.from('{"a":"\r\n"}\n') });
    const gateway = await startRecordingServer(() => accepted);
    const { stdout } = await runCli(['send', ...args, '--curl', '--url', String(gateway.port)], {
      cwd: folder,
      stdin,
    });
    const ran = execFileAsync('sh', ['-c', stdout], folder);
    expect(await ran).toContain(REFERENCE);
    const request = gateway.requests[0]!;
    expect(request.headers['content-type']).toBe('application/json');
    expect(pythonAccepts(request.body, SECRET, signature(request))).toBe(true);
  });

  describe('guard', () => {
    const send = (args: string[], env: Record<string, string> = {}) =>
      // TEST-NET-3: never routed, and public as far as the guard is concerned.
      runCli(['send', ...args, '--url', 'http://203.0.113.1:9', '--timeout', '200ms'], {
        cwd: tempFolder({ 'body.json': '{}' }),
        env,
      });
    const own = { CARVOS_INCOMING_SECRET: 'my own' };

    it('needs --live for a public address', async () => {
      const { code, stderr } = await send(['body.json'], own);
      expect(code).toBe(2);
      expect(stderr).toContain('--live');
    });

    it.each([
      ['samples', ['candidate.created'], own],
      ['--fault', ['body.json', '--fault', 'stale'], own],
      ['demo secret', ['body.json'], {}],
    ])('refuses %s even then', async (text, args, env) => {
      const { code, stderr } = await send([...args, '--live'], env as Record<string, string>);
      expect(code).toBe(2);
      expect(stderr).toContain(text);
      expect(stderr).not.toContain('my own');
    });

    it('prints target and fingerprint, and sends', async () => {
      const { code, stderr } = await send(['body.json', '--live'], own);
      // What becomes of it depends on the network that the tests run in.
      expect([4, 5, 6]).toContain(code);
      const print = createHash('sha256').update('my own').digest('hex').slice(0, 8);
      expect(stderr).toContain('live target: http://203.0.113.1:9/v1/webhooks/demo-ats');
      expect(stderr).toContain(`sha256:${print} (CARVOS_INCOMING_SECRET (environment))`);
    });
  });
});

/** Keeps the bytes of one request as they came, unparsed, and accepts it. */
async function startRawServer(): Promise<{ port: number; received(): Buffer }> {
  const chunks: Buffer[] = [];
  const { port } = await serveSocket((socket) => {
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      const text = Buffer.concat(chunks).toString('latin1');
      const length = Number(/Content-Length: (\d+)/i.exec(text)?.[1]);
      if (text.length < text.indexOf('\r\n\r\n') + 4 + length) return;
      const body = JSON.stringify(accepted.body);
      socket.end(
        `HTTP/1.1 202 Accepted\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
      );
    });
  });
  return { port, received: () => Buffer.concat(chunks) };
}

/** Without blocking this process, which serves what the command asks for. */
async function execFileAsync(file: string, args: string[], cwd: string): Promise<string> {
  const { execFile } = await import('node:child_process');
  return await new Promise((resolve, reject) => {
    execFile(file, args, { cwd }, (error, stdout) => (error === null ? resolve(stdout) : reject(error)));
  });
}

// Without curl the three tests above would fail one by one; this says why.
execFileSync('curl', ['--version']);
