import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createControlClient } from '../../src/client/control-client.ts';
import { sharedCertificates, startTlsReceiver } from '../support/certificates.ts';
import { candidateCreated, postWebhook, startDev } from '../support/dev-process.ts';
import { tempFolder } from '../support/folder.ts';
import { CARVOS, runCli } from '../support/program.ts';
import { havePrograms } from '../support/require-program.ts';

// Each kind of receiver against each command that reaches one: the outcome, the words and the exit code.

const certificates = sharedCertificates();

type All = ReturnType<typeof certificates>;
type Server = Parameters<typeof startTlsReceiver>[0];

interface Group {
  config?: object;
  flags?: string[];
  /** What serves, and the words of a receiver that is refused; of one that is accepted `null`. */
  receivers: Record<string, [server: (all: All) => Server, words: RegExp | null]>;
}

const GROUPS: Record<string, Group> = {
  'as they are': {
    receivers: {
      'a self-signed certificate': [({ self }) => self, /self-signed/],
      'an expired certificate': [({ expired }) => expired, /has expired/],
      'a certificate for another name': [({ other }) => other, /other\.example/],
      'a certificate of our authority, over TLS 1.3': [
        ({ signed }) => ({ ...signed, minVersion: 'TLSv1.3' }),
        null,
      ],
      'a certificate of our authority, over TLS 1.2': [
        ({ signed }) => ({ ...signed, maxVersion: 'TLSv1.2' }),
        null,
      ],
      'a wish for a certificate of ours, in vain': [
        ({ signed, ca }) => ({ ...signed, ca: ca.cert, requestCert: true }),
        /certificate of its client/,
      ],
    },
  },
  'that go unchecked': {
    flags: ['--insecure-receiver'],
    receivers: { 'a self-signed certificate': [({ self }) => self, null] },
  },
  'that get a certificate of ours': {
    config: { receiverCert: 'client.pem', receiverKey: 'client.key' },
    receivers: {
      'a wish for it': [({ signed, ca }) => ({ ...signed, ca: ca.cert, requestCert: true }), null],
    },
  },
};

describe
  .skipIf(!havePrograms('each command against receivers over TLS', 'openssl'))
  .each(Object.entries(GROUPS))('receivers %s', (_name, { receivers, config = {}, flags = [] }) => {
  test('dev, trigger, check, replay and exec', async () => {
    const made = certificates();
    const cwd = tempFolder();
    cpSync(made.folder, cwd, { recursive: true });
    writeFileSync(join(cwd, 'carvos.config.json'), JSON.stringify({ receiverCa: 'Our CA.pem', ...config }));
    const run = (...args: string[]) => runCli(args, { cwd });
    const dev = await startDev(cwd, ['--db', ':memory:', '--speed', 'manual', ...flags]);
    const control = createControlClient(dev);

    for (const [index, [name, [server, words]]] of Object.entries(receivers).entries()) {
      const isRefused = words !== null;
      const { url, requests } = await startTlsReceiver(server(made));

      // Without a gateway: the command itself connects.
      const to = ['--url', url, '--timeout', '60s', ...flags];
      const trigger = await run('trigger', 'candidate.created', ...to);
      expect([trigger.code, requests.length], name).toEqual(isRefused ? [5, 0] : [0, 1]);
      if (isRefused) expect(trigger.stderr).toMatch(words);
      else expect(trigger.stdout).toMatch(/TLS 1\.[23], certificate for localhost/);

      const only = ['--only', 'accepts-valid,certificate', '--json', '--timeout', '60s'];
      const check = await run('check', url, ...only, ...flags);
      const report = JSON.parse(check.stdout);
      expect(check.code, name).toBe(isRefused ? 5 : 0);
      if (isRefused)
        expect(report.unreachable).toMatchObject({
          code: expect.stringMatching(/^tls/),
          message: expect.stringMatching(words),
        });
      else expect(report.probes[0].outcome).toBe('passed');

      await control.changeAts('demo-ats', { webhook_url: url });
      const accepted = await postWebhook(dev, candidateCreated(`c-${index}`));
      const { reference_id } = (await accepted.json()) as { reference_id: string };
      const { trace } = await control.wait(reference_id, { until: 'first-attempt', timeoutMs: 60_000 });
      const [delivery] = trace.deliveries;
      expect(delivery!.state, name).toBe(isRefused ? 'pending' : 'delivered');
      const [attempt] = (await control.delivery(delivery!.id)).attempts;
      expect(attempt!.tls).toMatchObject({
        protocol: expect.stringMatching(/^TLSv1\.[23]$/),
        certificate: { valid_to: expect.stringMatching(/^20/) },
      });
      if (isRefused) {
        expect(attempt!.error).toEqual({
          code: expect.stringMatching(/^tls/),
          message: expect.stringMatching(words),
        });
        await dev.program.waitForText(new RegExp(`← outgoing .*\\b${attempt!.error!.code}\\b`));
      }

      const replay = await run('replay', delivery!.id, ...flags);
      expect(replay.code, name).toBe(isRefused ? 5 : 0);
      if (isRefused) expect(replay.stdout + replay.stderr).toMatch(words);

      if (index > 0) continue;
      const send = `"${process.execPath}" "${CARVOS}" send candidate.created --wait --until first-attempt --json`;
      const args = ['exec', '--webhook-url', url, ...flags, '--', 'sh', '-c', `${send}; exit 7`];
      const exec = await runCli(args, { cwd });
      expect(exec.code).toBe(7);
      const [executed] = JSON.parse(exec.stdout).deliveries;
      expect(executed.attempts[0].outcome).toBe(isRefused ? 'error' : 'success');

      if (flags.length === 0) continue;
      for (const { stderr } of [trigger, check, replay, exec])
        expect(stderr).toContain('--insecure-receiver');
      await dev.program.waitForText(/certificates of receivers .* are not checked/);
      await dev.program.waitForText(/certificate not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\)/);
      const text = await run('deliveries', 'show', delivery!.id);
      expect(text.stdout).toContain('NOT TRUSTED: DEPTH_ZERO_SELF_SIGNED_CERT');
    }
  });
});
