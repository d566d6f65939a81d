import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { certificateFolder } from '../../support/certificates.ts';
import { tempFolder } from '../../support/folder.ts';
import { runCli } from '../../support/program.ts';
import { json, serve } from '../../support/receiver.ts';
import { havePrograms } from '../../support/require-program.ts';

const ATS = { id: 'a', apiKey: 'k', incomingSecret: 'i', outgoingSecret: 'o' };

/** What `exec` says before its command would run. */
async function refused(config: object, args: string[] = [], folder = tempFolder(), env = {}) {
  writeFileSync(`${folder}/carvos.config.json`, JSON.stringify(config));
  const result = await runCli(['exec', ...args, '--', 'echo', 'it ran'], { cwd: folder, env });
  return { ...result, ran: result.stdout.includes('it ran') };
}

describe('what is wrong is said before anything starts', () => {
  test.each([
    [
      'a file that is not there',
      { receiverCa: 'no.pem' },
      [],
      /receiverCa: cannot read the file[\s\S]*no\.pem/,
    ],
    [
      'a file that holds no certificate',
      { receiverCa: 'carvos.config.json' },
      [],
      /receiverCa: it holds no certificate/,
    ],
    [
      'a certificate without its key',
      { receiverCert: 'a.pem' },
      [],
      /receiverCert and receiverKey go together/,
    ],
    ['another word than those known', { receiver: 'staging' }, [], /receiver:/],
    [
      'an http URL, as in production',
      { receiver: 'production', ats: [{ ...ATS, webhookUrl: 'http://localhost:3000/hook' }] },
      [],
      /production delivers to https:\/\/ only, and the webhook URL of a is not/,
    ],
    ['the same by flags', {}, ['--strict-https', '--webhook-url', '3000'], /https:\/\/ only/],
    [
      'unchecked certificates in production',
      {},
      ['--strict-https', '--insecure-receiver'],
      /do not go together/,
    ],
    [
      'a header of ours',
      { ats: [{ ...ATS, receiverHeaders: { 'X-Webhook-Signature': 'x' } }] },
      [],
      /is a header that carvos sets itself/,
    ],
    [
      'a name that is none',
      { ats: [{ ...ATS, receiverHeaders: { 'a b': 'x' } }] },
      [],
      /is not the name of a header/,
    ],
    [
      'a header whose variable is not set',
      { ats: [{ ...ATS, receiverHeaders: { Authorization: { env: 'NOT_SET' } } }] },
      [],
      /header Authorization of a is not set[\s\S]*NOT_SET/,
    ],
    [
      'a header with a line break',
      { ats: [{ ...ATS, receiverHeaders: { Authorization: 'top-secret\r\nX-Evil: 1' } }] },
      [],
      /holds characters that no header may have/,
    ],
  ] as const)('%s', async (_what, config, args, message) => {
    const { code, stderr, ran } = await refused(config, [...args]);
    expect([code, ran]).toEqual([2, false]);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('top-secret');
  });

  test.skipIf(!havePrograms('certificates that do not fit', 'openssl'))(
    'a key that does not fit',
    async () => {
      const { make, folder } = certificateFolder();
      make('a');
      make('b');
      const { code, stderr } = await refused({ receiverCert: 'a.pem', receiverKey: 'b.key' }, [], folder);
      expect(code).toBe(2);
      expect(stderr).toMatch(/receiverCert and receiverKey cannot be used: .*mismatch/);
    },
  );
});

test.skipIf(!havePrograms('files of certificates', 'openssl'))(
  'PEM, DER and the system’s store are read',
  async () => {
    const { make, folder } = certificateFolder();
    const self = make('self');
    execFileSync('openssl', ['x509', '-in', self.certFile, '-outform', 'DER', '-out', `${folder}/self.der`]);
    for (const receiverCa of ['self.pem', 'self.der', 'system']) {
      const env = { SSL_CERT_FILE: self.certFile };
      expect([receiverCa, (await refused({ receiverCa }, [], folder, env)).ran]).toEqual([receiverCa, true]);
    }
  },
);

test('a value from the environment is a fingerprint where settings are shown', async () => {
  const config = {
    ats: [{ ...ATS, receiverHeaders: { Authorization: { env: 'AUTH' } } }],
    receiver: 'production',
  };
  const cwd = tempFolder({ 'carvos.config.json': JSON.stringify(config) });
  const { stdout } = await runCli(['config', 'show', '--json'], { cwd, env: { AUTH: 'Basic abc' } });
  expect(stdout).not.toContain('Basic abc');
  const fields = JSON.parse(stdout).settings.map(({ field }: { field: string }) => field);
  expect(fields).toEqual(
    expect.arrayContaining(['receiver', 'receiverCa', 'ats.a.receiverHeaders.Authorization']),
  );
});

describe('a proxy of the environment', () => {
  const trigger = (url: string, args: string[], env: Record<string, string>) =>
    runCli(['trigger', 'candidate.created', '--url', url, '--timeout', '60s', ...args], {
      cwd: tempFolder(),
      env,
    });

  test('is obeyed with --proxy', async () => {
    const proxy = await serve((_heard, response) => json(response, 200, {}));
    const env = { HTTP_PROXY: proxy.url };
    // An address of nobody: a private one, so that no guard stands before it.
    const nobody = 'http://10.255.255.254:9/hook';
    expect((await trigger(nobody, ['--proxy'], env)).code).toBe(0);
    expect(proxy.heard.map(({ url }) => url)).toEqual([nobody]);
  });

  test('that is not there, or cannot be used', async () => {
    const none = await trigger('3000', ['--proxy'], {});
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('the environment names no proxy')]);
    const socks = await trigger('3000', ['--proxy'], { HTTPS_PROXY: 'socks5://localhost:1080' });
    expect([socks.code, socks.stderr]).toEqual([
      2,
      expect.stringContaining('does not name an http:// proxy'),
    ]);
  });
});
