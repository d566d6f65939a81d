import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { certificateFolder, startTlsReceiver } from '../../support/certificates.ts';
import { startDev } from '../../support/dev-process.ts';
import { tempFolder } from '../../support/folder.ts';
import { runCli } from '../../support/program.ts';
import { startRecordingServer } from '../../support/receiver.ts';
import { havePrograms } from '../../support/require-program.ts';

/** A busy machine may take longer than the five seconds of a receiver. */
const LONG = ['--timeout', '60s'];

describe('a redirect', () => {
  const LOCATIONS = {
    'https://ats.example/webhooks/?token=confidential#top':
      /leads to https:\/\/ats\.example\/webhooks\/\?token=hidden#hidden\. Make that/,
    '/webhooks/': /leads to http:\/\/127\.0\.0\.1:\d+\/webhooks\/\. Make that the webhook URL/,
    '/login?next=confidential': /leads to http:\/\/\S+\/login\?next=hidden\. That looks like a login/,
  };

  test.each(Object.entries(LOCATIONS))(
    'to %s is shown, without what its query says',
    async (location, shown) => {
      const server = await startRecordingServer(() => ({ status: 302, headers: { location } }));
      const cwd = tempFolder();
      const direct = await runCli(['trigger', 'candidate.created', ...LONG, '--url', server.url], { cwd });
      await startDev(cwd, ['--db', ':memory:', '--webhook-url', server.url]);
      const through = await runCli(['trigger', 'candidate.created'], { cwd });
      expect(through.stdout).toContain('in the log:');
      for (const { code, stderr, stdout } of [direct, through]) {
        expect([code, stderr + stdout]).toEqual([1, expect.stringMatching(shown)]);
        expect(stderr + stdout).not.toContain('confidential');
      }
    },
  );
});

describe.skipIf(!havePrograms('trigger with a certificate of its own', 'openssl'))(
  'a certificate of ours',
  () => {
    const setUp = async () => {
      const { make, folder } = certificateFolder();
      const ca = make('Our CA', { ca: true });
      make('client', { issuer: ca });
      const receiver = await startTlsReceiver({
        ...make('signed', { issuer: ca }),
        ca: ca.cert,
        requestCert: true,
      });
      const config = (own: object) =>
        writeFileSync(
          join(folder, 'carvos.config.json'),
          JSON.stringify({ receiverCa: 'Our CA.pem', ...own }),
        );
      const trigger = (...args: string[]) =>
        runCli(['trigger', 'candidate.created', ...LONG, ...args, '--url', receiver.url], { cwd: folder });
      return { receiver, config, trigger };
    };

    test('is missed in words that say what to set: tls_client', async () => {
      const { receiver, config, trigger } = await setUp();
      config({});
      const text = await trigger();
      expect(text).toMatchObject({
        code: 5,
        stderr: expect.stringContaining('it wants a certificate of its client'),
      });
      expect(text.stderr).toContain('set receiverCert and receiverKey in the config file');
      const { code, stdout } = await trigger('--json');
      expect([code, JSON.parse(stdout)]).toMatchObject([
        5,
        { error: { code: 'tls_client' }, accepted: false },
      ]);
      expect(receiver.requests).toEqual([]);
    });

    test('is shown to the receiver once it is set', async () => {
      const { receiver, config, trigger } = await setUp();
      config({ receiverCert: 'client.pem', receiverKey: 'client.key' });
      expect((await trigger()).code).toBe(0);
      expect(receiver.requests.map(({ client }) => client)).toEqual(['client']);
    });
  },
);
