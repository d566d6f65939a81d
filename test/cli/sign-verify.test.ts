import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pythonAccepts, pythonSignature } from '../support/python-signature.ts';
import { runCli } from '../support/run-cli.ts';
import { tempFolder } from '../support/temp-folder.ts';

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
    const { stdout } = await runCli(['sign'], { cwd: tempFolder(), stdin: body });
    expect(pythonAccepts(body, 'demo-incoming-secret', stdout.trim())).toBe(true);
    expect(Math.abs(Number(/t=(\d+)/.exec(stdout)![1]) - Date.now() / 1000)).toBeLessThan(30);
  });

  it('takes the secret of the direction from the environment', async () => {
    const env = { CARVOS_INCOMING_SECRET: 'in', CARVOS_OUTGOING_SECRET: 'out' };
    const { stdout } = await runCli(
      ['sign', '--direction', 'outgoing', '--timestamp', '2026-01-15T10:28:00Z'],
      { env, stdin: '{}' },
    );
    expect(stdout.trim()).toBe(pythonSignature(Buffer.from('{}'), 'out', AT));
  });

  it('prints the header line, and JSON that never holds the secret', async () => {
    const header = await runCli(['sign', '--header', '--secret', 's', '--timestamp', '1'], { stdin: '{}' });
    expect(header.stdout).toMatch(/^X-Webhook-Signature: t=1,v1=[0-9a-f]{64}\n$/);
    const json = await runCli(['sign', '--json', '--secret', 'very-secret-value'], { stdin: '{}' });
    expect(JSON.parse(json.stdout)).toMatchObject({ version: 1, direction: 'incoming', bytes: 2 });
    expect(json.stdout + json.stderr).not.toContain('very-secret-value');
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
  const verify = (signature: string, extra: string[] = [], stdin: Uint8Array = body) =>
    runCli(['verify', '--signature', signature, '--at', String(AT), '--json', ...extra], {
      cwd: tempFolder(),
      stdin,
    });

  it('accepts what Python signed with the outgoing secret', async () => {
    const { code, stdout } = await verify(good);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      version: 1,
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
    expect(stdout).toContain('It verifies with the incoming secret');
  });

  it('agrees with every vector that an independent tool computed', async () => {
    const path = join(import.meta.dirname, '../../fixtures/signature-vectors.json');
    const { vectors } = JSON.parse(readFileSync(path, 'utf8')) as {
      vectors: { secret: string; t: number; body_base64?: string; v1: string }[];
    };
    expect(vectors.length).toBeGreaterThan(3);
    for (const { secret, t, body_base64, v1 } of vectors) {
      // A large body is described instead; the tests of the library make it.
      if (body_base64 === undefined) continue;
      const flags = ['--secret', secret, '--timestamp', String(t)];
      const { stdout } = await runCli(['sign', ...flags], { stdin: Buffer.from(body_base64, 'base64') });
      expect(stdout).toBe(`t=${t},v1=${v1}\n`);
    }
  });

  it('needs --signature', async () => {
    const { code, stderr } = await runCli(['verify'], { stdin: '{}' });
    expect(code).toBe(2);
    expect(stderr).toContain('--signature');
  });
});
