import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeAuthority, makeServerCertificate } from '../../../src/cli/tls/make-certificates.ts';
import { CheckReport } from '../../../src/contract/check.ts';
import { certificateFolder, startTlsReceiver } from '../../support/certificates.ts';
import { tempFolder } from '../../support/folder.ts';
import { runCli } from '../../support/program.ts';
import { startRecordingServer } from '../../support/receiver.ts';
import { havePrograms } from '../../support/require-program.ts';

async function check(url: string, ...args: string[]) {
  const { code, stdout } = await runCli(
    ['check', url, '--timeout', '60s', '--only', 'certificate', '--json', ...args],
    { cwd: tempFolder() },
  );
  const probe = CheckReport.parse(JSON.parse(stdout)).probes.find(({ id }) => id === 'certificate');
  return { code, ...probe!, said: probe!.details.join('\n') };
}

describe.skipIf(!havePrograms('what check says of a certificate', 'openssl'))(
  'the probe of the certificate',
  () => {
    test('one that lasts', async () => {
      const { make } = certificateFolder();
      const ca = make('Our CA', { ca: true });
      const { url } = await startTlsReceiver(make('leaf', { issuer: ca }));
      const result = await check(url, '--receiver-ca', ca.certFile, '--fail-on', 'advisory');
      expect(result).toMatchObject({ code: 0, level: 'advisory', outcome: 'passed' });
      expect(result.said).toContain('TLS 1.3, leaf ← Our CA');
      // Whole days: of the last one some seconds are gone.
      expect(result.said).toMatch(/ends in 99 days, on 20\d\d-/);
    });

    test('one that ends soon', async () => {
      const authority = await makeAuthority('Our CA', 1e10);
      const folder = tempFolder({ 'ca.pem': authority.cert });
      const pair = await makeServerCertificate(authority, ['localhost'], 6 * 3_600_000);
      const { url } = await startTlsReceiver(pair);
      const trusting = ['--receiver-ca', join(folder, 'ca.pem'), '--fail-on', 'advisory'];
      const result = await check(url, ...trusting);
      expect(result).toMatchObject({ code: 1, outcome: 'failed' });
      expect(result.said).toMatch(/^it ends in 0 days/);
    });

    test.each([
      ['is self-signed', {}, false, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
      ['has expired', { days: -1 }, true, 'CERT_HAS_EXPIRED'],
      ['is for another name', { names: 'DNS:other.example' }, true, 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ] as const)('one that %s, and goes unchecked', async (_what, options, isSigned, problem) => {
      const { make } = certificateFolder();
      const ca = make('Our CA', { ca: true });
      const { url } = await startTlsReceiver(make('leaf', { issuer: isSigned ? ca : undefined, ...options }));
      const result = await check(url, '--receiver-ca', ca.certFile, '--insecure-receiver');
      expect(result).toMatchObject({ code: 0, outcome: 'failed' });
      expect(result.said).toContain(`not trusted: ${problem}`);
    });

    test('one of a few days is judged by its own length', async () => {
      const { make } = certificateFolder();
      const ca = make('Our CA', { ca: true });
      const { url } = await startTlsReceiver(make('leaf', { issuer: ca, days: 6 }));
      expect(await check(url, '--receiver-ca', ca.certFile)).toMatchObject({ outcome: 'passed' });
    });
  },
);

test('plain HTTP has none', async () => {
  const { url } = await startRecordingServer(() => ({ status: 200, body: {} }));
  expect(await check(url)).toMatchObject({ code: 0, outcome: 'not_judged' });
});
