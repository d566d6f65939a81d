import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { certificateFolder, startTlsReceiver } from '../support/certificates.ts';
import { startDev } from '../support/dev-process.ts';
import { sharedFolder, tempFolder } from '../support/folder.ts';
import { runCarvos } from '../support/program.ts';
import { havePrograms } from '../support/require-program.ts';

// Each kind of receiver against each command that reaches one: the outcome, the words and the exit code.

for (const name of ['SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS']) delete process.env[name];

const folder = sharedFolder();
let made: ReturnType<typeof makeAll> | undefined;

function makeAll() {
  const { make } = certificateFolder(folder);
  const ca = make('Our CA', { ca: true });
  return {
    ca,
    self: make('self'),
    signed: make('signed', { issuer: ca }),
    expired: make('expired', { issuer: ca, days: -1 }),
    other: make('other', { issuer: ca, names: 'DNS:other.example' }),
    client: make('client', { issuer: ca }),
  };
}

type All = ReturnType<typeof makeAll>;
type Server = Parameters<typeof startTlsReceiver>[0];

/** `words` of a receiver that is refused; of one that is accepted `null`. */
const RECEIVERS: Record<
  string,
  { server: (all: All) => Server; words: RegExp | null; config?: object; flags?: string[] }
> = {
  'a self-signed certificate': { server: ({ self }) => self, words: /self-signed/ },
  'a self-signed certificate that goes unchecked': {
    server: ({ self }) => self,
    words: null,
    flags: ['--insecure-receiver'],
  },
  'an expired certificate': { server: ({ expired }) => expired, words: /has expired/ },
  'a certificate for another name': { server: ({ other }) => other, words: /other\.example/ },
  'a certificate of our authority, over TLS 1.3': {
    server: ({ signed }) => ({ ...signed, minVersion: 'TLSv1.3' }),
    words: null,
  },
  'a certificate of our authority, over TLS 1.2': {
    server: ({ signed }) => ({ ...signed, maxVersion: 'TLSv1.2' }),
    words: null,
  },
  'a wish for a certificate of ours, in vain': {
    server: ({ signed, ca }) => ({ ...signed, ca: ca.cert, requestCert: true }),
    words: /certificate of its client/,
  },
  'a wish for a certificate of ours': {
    server: ({ signed, ca }) => ({ ...signed, ca: ca.cert, requestCert: true }),
    words: null,
    config: { receiverCert: 'client.pem', receiverKey: 'client.key' },
  },
};

describe
  .skipIf(!havePrograms('each command against receivers over TLS', 'openssl'))
  .each(Object.entries(RECEIVERS))(
  'a receiver with %s',
  (_name, { server, words, config = {}, flags = [] }) => {
    const isRefused = words !== null;

    test('dev, trigger, check, replay and exec', async () => {
      made ??= makeAll();
      const { url, requests } = await startTlsReceiver(server(made));
      const cwd = tempFolder();
      cpSync(folder, cwd, { recursive: true });
      writeFileSync(join(cwd, 'carvos.config.json'), JSON.stringify({ receiverCa: 'Our CA.pem', ...config }));
      const run = (...args: string[]) => runCarvos(cwd, args);

      // Without a gateway: the command itself connects.
      const trigger = await run('trigger', 'candidate.created', '--url', url, ...flags);
      expect([trigger.code, requests.length]).toEqual(isRefused ? [5, 0] : [0, 1]);
      if (isRefused) expect(trigger.stderr).toMatch(words);
      else expect(trigger.stdout).toMatch(/TLS 1\.[23], certificate for localhost/);

      const check = await run('check', url, '--only', 'accepts-valid,certificate', '--json', ...flags);
      const report = JSON.parse(check.stdout);
      expect(check.code).toBe(isRefused ? 5 : 0);
      if (isRefused)
        expect(report.unreachable).toMatchObject({
          code: expect.stringMatching(/^tls/),
          message: expect.stringMatching(words),
        });
      else expect(report.probes[0].outcome).toBe('passed');

      const dev = await startDev(cwd, [
        '--webhook-url',
        url,
        '--db',
        ':memory:',
        '--speed',
        'manual',
        ...flags,
      ]);
      const wait = ['--wait', '--until', 'first-attempt', '--json'];
      const sent = await run('send', 'candidate.created', ...wait);
      const [delivery] = JSON.parse(sent.stdout).deliveries;
      expect(delivery.state).toBe(isRefused ? 'pending' : 'delivered');
      const shown = JSON.parse((await run('deliveries', 'show', delivery.id, '--json')).stdout);
      const [attempt] = shown.attempts;
      expect(attempt.tls.protocol).toMatch(/^TLSv1\.[23]$/);
      expect(attempt.tls.certificate.valid_to).toMatch(/^20/);
      if (isRefused) {
        expect(attempt.error).toEqual({
          code: expect.stringMatching(/^tls/),
          message: expect.stringMatching(words),
        });
        await dev.program.waitForText(/← outgoing .*\btls_\w+\b/);
      }

      const replay = await run('replay', delivery.id, ...flags);
      expect(replay.code).toBe(isRefused ? 5 : 0);
      if (isRefused) expect(replay.stdout + replay.stderr).toMatch(words);

      const script = `"${process.execPath}" "${join(import.meta.dirname, '../../bin/carvos.cjs')}" send candidate.created ${wait.join(' ')}`;
      const exec = await run('exec', '--webhook-url', url, ...flags, '--', 'sh', '-c', `${script}; exit 7`);
      expect(exec.code).toBe(7);
      const [executed] = JSON.parse(exec.stdout).deliveries;
      expect(executed.attempts[0].outcome).toBe(isRefused ? 'error' : 'success');

      if (flags.length > 0) {
        for (const { stderr } of [trigger, check, replay, exec])
          expect(stderr).toContain('--insecure-receiver');
        await dev.program.waitForText(/certificates of receivers .* are not checked/);
        await dev.program.waitForText(/certificate not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\)/);
        const text = await run('deliveries', 'show', delivery.id);
        expect(text.stdout).toContain('NOT TRUSTED: DEPTH_ZERO_SELF_SIGNED_CERT');
      }
    });
  },
);
