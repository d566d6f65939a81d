import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { explain } from '../../../src/cli/signatures/explain-signature.ts';
import type { Io } from '../../../src/cli/terminal/io.ts';
import type { Output } from '../../../src/cli/terminal/output.ts';
import { diagnose } from '../../../src/signing/index.ts';
import { tempFolder } from '../../support/folder.ts';
import { runCli } from '../../support/program.ts';
import { pythonAccepts, pythonSignature } from '../../support/python-signature.ts';
import { VECTORS } from '../../support/vectors.ts';

const AT = 1_768_472_880;
const bodies: Record<string, Buffer> = {
  json: Buffer.from('{"event":"candidate.created","name":"Zoë – 日本"}\n'),
  empty: Buffer.alloc(0),
  'not UTF-8': Buffer.concat([Buffer.from([0xff, 0xfe, 0x00, 0x0d, 0x0a]), randomBytes(5000)]),
};

describe('carvos sign', () => {
  it.each(Object.entries(bodies))('signs bytes as Python does: %s', async (_name, body) => {
    const folder = tempFolder({ body });
    const expected = `${pythonSignature(body, 'a secret, with ü', AT)}\n`;
    const flags = ['--secret', 'a secret, with ü', '--timestamp', String(AT)];
    expect((await runCli(['sign', 'body', ...flags], { cwd: folder })).stdout).toBe(expected);
    expect((await runCli(['sign', '-', ...flags], { stdin: body })).stdout).toBe(expected);
    expect((await runCli(['sign', ...flags], { stdin: body })).stdout).toBe(expected);
  });

  it('uses the incoming demo secret without any configuration, at the present time', async () => {
    const body = bodies.json!;
    const before = Math.floor(Date.now() / 1000);
    const { stdout } = await runCli(['sign'], { cwd: tempFolder(), stdin: body });
    expect(pythonAccepts(body, 'demo-incoming-secret', stdout.trim())).toBe(true);
    const t = Number(/t=(\d+)/.exec(stdout)![1]);
    expect(t).toBeGreaterThanOrEqual(before);
    expect(t).toBeLessThanOrEqual(Date.now() / 1000);
  });

  it('takes a time without a zone for a local one, a day alone too', async () => {
    const midnight = Date.parse('2026-01-15T00:00:00+09:00') / 1000;
    for (const text of ['2026-01-15', '2026-01-15T00:00', '2026-01-15 00:00:00', '2026-01-14T15:00:00Z']) {
      const args = ['sign', '--secret', 's', '--timestamp', text];
      const { stdout } = await runCli(args, { env: { TZ: 'Asia/Tokyo' }, stdin: '{}' });
      expect(stdout).toContain(`t=${midnight},`);
    }
  });

  // In the words of the delivery log too (contract, section 6).
  it.each(['outgoing', 'outbound'])(
    'takes the secret of the direction from the environment: %s',
    async (way) => {
      const env = { CARVOS_INCOMING_SECRET: 'in', CARVOS_OUTGOING_SECRET: 'out' };
      const { stdout } = await runCli(['sign', '--direction', way, '--timestamp', '2026-01-15T10:28:00Z'], {
        env,
        stdin: '{}',
      });
      expect(stdout.trim()).toBe(pythonSignature(Buffer.from('{}'), 'out', AT));
    },
  );

  it('prints the header line, and JSON that never holds the secret', async () => {
    const header = await runCli(['sign', '--header', '--secret', 's', '--timestamp', '1'], { stdin: '{}' });
    expect(header.stdout).toMatch(/^X-Webhook-Signature: t=1,v1=[0-9a-f]{64}\n$/);
    const json = await runCli(['sign', '--json', '--secret', 'very-secret-value'], { stdin: '{}' });
    expect(JSON.parse(json.stdout)).toMatchObject({ version: 2, direction: 'incoming', bytes: 2 });
    expect(json.stdout + json.stderr).not.toContain('very-secret-value');
  });

  it.each([
    ['sign', '--secret', ''],
    ['verify', '--signature', 't=1,v1=x', '--secret', ''],
    ['send', 'candidate.created', '--secret', ''],
    ['check', '3000', '--secret', ''],
  ])('ends with 2 for an empty secret, which is a variable that is not set: %s', async (...args) => {
    const { code, stdout, stderr } = await runCli(args, { stdin: '{}' });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('--secret is empty');
  });

  it('ends with 2 for a file that is not there', async () => {
    const { code, stderr } = await runCli(['sign', 'nothing.json']);
    expect(code).toBe(2);
    expect(stderr).toContain('nothing.json: no such file');
  });
});

describe('carvos verify', () => {
  const body = bodies.json!;
  const good = pythonSignature(body, 'demo-outgoing-secret', AT);
  /** What is wrong beyond the reason is not looked for here. */
  const flags = ['--at', String(AT), '--budget', '1k', '--json'];
  const verify = (signature: string, extra: string[] = [], stdin: Uint8Array = body) =>
    runCli(['verify', '--signature', signature, ...flags, ...extra], { cwd: tempFolder(), stdin });

  it('accepts what Python signed with the outgoing secret', async () => {
    const { code, stdout } = await verify(good);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      version: 2,
      valid: true,
      age_seconds: 0,
      direction: 'outgoing',
    });
    expect((await verify(`X-Webhook-Signature: ${good}`)).code).toBe(0);
  });

  it('accepts any of several secrets', async () => {
    const signature = pythonSignature(body, 'new', AT);
    const { code, stdout } = await verify(signature, ['--secret', 'old', '--secret', 'new']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).secret.origin).toBe('--secret');
    expect((await verify(signature, ['--secret', 'old'])).code).toBe(3);
  });

  it.each<[string, string]>([
    ['header_missing', ''],
    ['header_too_long', `${good.slice(0, 20)}${' '.repeat(4100)}`],
    ['timestamp_missing', 'v1=00'],
    ['timestamp_duplicated', `t=1,${good}`],
    ['timestamp_malformed', 't=1.5,v1=00'],
    ['signature_missing', 't=1'],
    ['signature_malformed', good.toUpperCase().replace('T=', 't=').replace('V1=', 'v1=')],
    ['mismatch', pythonSignature(body, 'another', AT)],
    ['stale', pythonSignature(body, 'demo-outgoing-secret', AT - 301)],
    ['future', pythonSignature(body, 'demo-outgoing-secret', AT + 301)],
  ])('says why it refuses: %s', async (reason, signature) => {
    const { code, stdout } = await verify(signature);
    expect(code).toBe(3);
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ valid: false, reason });
    expect(result.explanation.length).toBeGreaterThan(20);
    expect(result.next.length).toBeGreaterThan(20);
  });

  it('takes the tolerance, inclusive, or off', async () => {
    const old = pythonSignature(body, 'demo-outgoing-secret', AT - 400);
    expect((await verify(old, ['--tolerance', '400'])).code).toBe(0);
    expect((await verify(old, ['--tolerance', '399'])).code).toBe(3);
    expect((await verify(old, ['--tolerance', 'off'])).code).toBe(0);
    expect((await verify(old, ['--tolerance', 'x'])).code).toBe(2);
  });

  it('sees one changed byte', async () => {
    expect((await verify(good, [], Buffer.concat([body, Buffer.from('\n')]))).code).toBe(3);
  });

  it('notices that the other direction signed it', async () => {
    const { code, stdout } = await runCli(
      ['verify', '--signature', pythonSignature(body, 'demo-incoming-secret', AT), '--at', String(AT)],
      { cwd: tempFolder(), stdin: body },
    );
    expect(code).toBe(3);
    expect(stdout).toContain('other_direction');
    expect(stdout).toContain('CARVOS_OUTGOING_SECRET');
  });

  it('agrees with every vector that an independent tool computed', async () => {
    for (const { secret, t, bytes, v1 } of VECTORS) {
      const flags = ['--secret', secret, '--timestamp', String(t)];
      const { stdout } = await runCli(['sign', ...flags], { stdin: bytes });
      expect(stdout).toBe(`t=${t},v1=${v1}\n`);
    }
  });

  it('needs --signature', async () => {
    const { code, stderr } = await runCli(['verify'], { stdin: '{}' });
    expect(code).toBe(2);
    expect(stderr).toContain('--signature');
  });
});

describe('carvos verify of a signature that fails', () => {
  const body = Buffer.from('{"event":"candidate.created","name":"Zoë"}');
  const good = pythonSignature(body, 'demo-outgoing-secret', AT);
  const spaced = Buffer.from('{"event": "candidate.created", "name": "Zo\\u00eb"}');
  const run = (flags: string[], stdin: Uint8Array = body, cwd = tempFolder()) =>
    runCli(['verify', '--at', String(AT), ...flags], { cwd, stdin });

  it('names the mistake, what to change, and a line of code for each framework', async () => {
    const { code, stdout } = await run(['--signature', good], spaced);
    expect(code).toBe(3);
    expect(stdout).toContain('body_reserialized');
    expect(stdout).toContain("Python's json.dumps by default");
    for (const line of [
      'express.raw(',
      'await request.body()',
      'request.get_data()',
      '@RequestBody byte[]',
    ]) {
      expect(stdout).toContain(line);
    }
    expect(stdout).not.toContain('demo-outgoing-secret');
  });

  it('gives the findings with --json', async () => {
    const { code, stdout } = await run(['--signature', good, '--json'], spaced);
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      version: 2,
      valid: false,
      reason: 'mismatch',
      diagnosis: { verdict: 'explained', findings: [{ code: 'body_reserialized' }] },
    });
  });

  it('shows both values and the bytes when nothing explains it', async () => {
    const { code, stdout } = await run(['--signature', `t=${AT},v1=${'0f'.repeat(32)}`]);
    expect(code).toBe(3);
    expect(stdout).toContain('0f'.repeat(32));
    expect(stdout).toContain(good.slice(-64));
    expect(stdout).toContain('Zo\\xc3\\xab');
    expect(stdout).toContain('SHA-256');
    expect(stdout).toContain('check next');
  });

  it('points at the place in the header', async () => {
    const { stdout } = await run(['--signature', `v1=${good.slice(-64)},t=17x`]);
    const lines = stdout.split('\n');
    const at = lines.findIndex((line) => line.trim() === '^');
    expect(lines[at - 1]!.slice(lines[at]!.indexOf('^'))).toBe('17x');
  });

  it("explains the receiver's own value, and says when it is right", async () => {
    const wrong = pythonSignature(spaced, 'demo-outgoing-secret', AT).slice(-64);
    const { code, stdout } = await run(['--signature', good, '--computed', wrong, '--json']);
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      valid: false,
      signature_valid: true,
      reason: 'computed_differs',
      diagnosis: { findings: [{ code: 'body_reserialized' }] },
    });
    const right = await run(['--signature', good, '--computed', good.slice(-64)]);
    expect(right.code).toBe(0);
    expect(right.stdout).toContain('the right value');
  });

  it.each<[string, (folder: string) => string[]]>([
    [
      'raw HTTP',
      (folder) => {
        const head = `POST /hook HTTP/1.1\r\nHost: x\r\nX-Webhook-Signature: ${good}\r\nContent-Length: ${body.length}\r\n\r\n`;
        writeFileSync(join(folder, 'r'), Buffer.concat([Buffer.from(head), body, Buffer.from('\n')]));
        return ['--request', 'r'];
      },
    ],
    [
      'a line of listen --json',
      (folder) => {
        const line = { type: 'request', signature: good, body: { text: body.toString(), encoding: 'utf8' } };
        writeFileSync(join(folder, 'r'), `{"type":"listening"}\n${JSON.stringify(line)}\n`);
        return ['--request', 'r'];
      },
    ],
    [
      'curl -v with the body beside it',
      (folder) => {
        const text = `*   Trying 127.0.0.1:1...\n> POST /hook HTTP/1.1\n> Host: x\n> X-Webhook-Signature: ${good}\n>\n< HTTP/1.1 401\n`;
        writeFileSync(join(folder, 'r'), text);
        writeFileSync(join(folder, 'b'), body);
        return ['b', '--request', 'r'];
      },
    ],
    ...[
      [
        'a HAR file',
        {
          log: {
            entries: [
              {
                request: {
                  headers: [{ name: 'x-webhook-signature', value: good }],
                  postData: { text: body.toString() },
                },
              },
            ],
          },
        },
      ],
      [
        'an event of AWS Lambda with its body in base64',
        {
          headers: { 'x-webhook-signature': good },
          requestContext: {},
          body: body.toString('base64'),
          isBase64Encoded: true,
        },
      ],
      [
        'an event of API Gateway with its body as text',
        {
          multiValueHeaders: { 'X-Webhook-Signature': [good] },
          body: body.toString(),
          isBase64Encoded: false,
        },
      ],
      [
        'a line of pino-http',
        { level: 30, req: { headers: { 'x-webhook-signature': good }, body: body.toString() } },
      ],
    ].map(([name, value]): [string, (folder: string) => string[]] => [
      String(name),
      (folder) => {
        writeFileSync(join(folder, 'r'), JSON.stringify(value));
        return ['--request', 'r'];
      },
    ]),
    [
      'a line of nginx with the body in it',
      (folder) => {
        const escaped = body
          .toString('latin1')
          .replace(
            /["\\\x7f-\xff\n]/g,
            (one) => `\\x${one.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
          );
        writeFileSync(join(folder, 'r'), `10.0.0.1 - - "POST /hook HTTP/1.1" 401 "${good}" "${escaped}"`);
        writeFileSync(join(folder, 'b'), body);
        return body.toString().endsWith('}') ? ['--request', 'r'] : ['b', '--request', 'r'];
      },
    ],
  ])('reads a recorded request: %s', async (_name, write) => {
    const folder = tempFolder();
    const flags = write(folder);
    expect((await run(flags, body, folder)).code).toBe(0);
    expect((await run([...flags, '--direction', 'incoming'], body, folder)).code).toBe(3);
  });

  it('asks for the body that curl -v does not show, and refuses what is no request', async () => {
    const folder = tempFolder();
    writeFileSync(join(folder, 'curl'), `> POST / HTTP/1.1\n> X-Webhook-Signature: ${good}\n`);
    writeFileSync(join(folder, 'prose'), 'this is no request\n\nat all');
    const curl = await run(['--request', 'curl'], body, folder);
    expect([curl.code, curl.stderr.includes('does not show the body')]).toEqual([2, true]);
    expect((await run(['--request', 'prose'], body, folder)).code).toBe(2);
    expect((await run(['--request', 'curl', '--signature', good], body, folder)).code).toBe(2);
  });

  it('says how to search on, and takes a budget', async () => {
    const bad = good.replace(/v1=.*/, `v1=${'ab'.repeat(32)}`);
    const short = await run(['--signature', bad, '--budget', '1k'], body, tempFolder());
    expect([short.code, short.stdout.includes('--budget 10m')]).toEqual([3, true]);
    expect((await run(['--signature', bad, '--budget', 'long'], body, tempFolder())).code).toBe(2);
  });

  it('searches as long for a pipe as for a program, wherever its errors go', async () => {
    const secrets = [{ value: 'outgoing-secret-value', role: 'expected' as const }];
    // Its size counts: the budget is spent in a moment.
    const text = Buffer.alloc(15_000, 'x');
    const question = { body: text, header: `t=${AT},v1=${'ab'.repeat(32)}`, secrets, now: AT };
    const io = { stdout: { isTTY: false }, stderr: { isTTY: true, write: () => true } } as unknown as Io;
    const { tried } = await explain(io, { json: false } as Output, question);
    expect(tried).toBe(diagnose(question).tried);
  });

  it('lets Ctrl-C through while it searches, for a pipe too', async () => {
    const secrets = [{ value: 'outgoing-secret-value', role: 'expected' as const }];
    const items = Array.from({ length: 9000 }, (_, id) => ({ id, name: `Zoë ${id}`, ratio: id / 8 }));
    const header = `t=${AT},v1=${'ab'.repeat(32)}`;
    const question = { body: Buffer.from(JSON.stringify(items)), header, secrets, now: AT };
    const io = { stdout: { isTTY: false }, stderr: { isTTY: false } } as unknown as Io;
    let turned = false;
    setImmediate(() => {
      turned = true;
    });
    await explain(io, { json: false } as Output, question);
    expect(turned).toBe(true);
  });
});
