import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { resolveListenerTls } from '../../../src/cli/tls/listener-tls.ts';
import { issueCertificate } from '../../../src/cli/tls/local-authority.ts';
import { makeAuthority } from '../../../src/cli/tls/make-certificates.ts';
import { certificateFolder } from '../../support/certificates.ts';
import { tempFolder } from '../../support/folder.ts';
import { havePrograms } from '../../support/require-program.ts';

const DAY_MS = 24 * 3_600_000;
const haveOpenssl = havePrograms('what openssl says of our certificates', 'openssl');

function filesIn(folder: string) {
  const tls = join(folder, '.carvos/tls');
  return {
    folder: tls,
    ca: join(tls, 'ca.pem'),
    authority: join(tls, 'authority.pem'),
    mode: (name = '') => (statSync(join(tls, name)).mode & 0o777).toString(8),
  };
}

describe('the local authority', () => {
  test('is kept for its owner alone, out of git, and signs again', async () => {
    const folder = tempFolder();
    mkdirSync(join(folder, '.carvos/tls'), { recursive: true });
    chmodSync(join(folder, '.carvos/tls'), 0o755);
    const first = await issueCertificate(folder, ['localhost']);
    const files = filesIn(folder);
    expect(files.mode()).toBe('700');
    for (const name of readdirSync(files.folder)) expect([name, files.mode(name)]).toEqual([name, '600']);
    expect(readFileSync(join(files.folder, '.gitignore'), 'utf8')).toBe('*\n');
    expect(first.caFile).toBe(files.ca);
    const before = readFileSync(files.ca, 'utf8');
    const second = await issueCertificate(folder, ['localhost']);
    expect(readFileSync(files.ca, 'utf8')).toBe(before);
    expect(second.cert).not.toBe(first.cert);
    const ca = new X509Certificate(before);
    for (const { cert } of [first, second]) expect(new X509Certificate(cert).verify(ca.publicKey)).toBe(true);
  });

  test.skipIf(!haveOpenssl)('makes certificates that openssl accepts by its strictest rules', async () => {
    const folder = tempFolder();
    const { cert, caFile } = await issueCertificate(folder, ['localhost', '127.0.0.1', '::1', 'app.test']);
    writeFileSync(join(folder, 'leaf.pem'), cert);
    const verify = (...args: string[]) =>
      execFileSync(
        'openssl',
        ['verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', caFile, ...args, 'leaf.pem'],
        {
          cwd: folder,
          encoding: 'utf8',
        },
      );
    expect(verify('-verify_hostname', 'app.test')).toContain('leaf.pem: OK');
    expect(verify('-verify_ip', '::1')).toContain('leaf.pem: OK');
    const text = execFileSync('openssl', ['x509', '-in', caFile, '-noout', '-text'], { encoding: 'utf8' });
    expect(text).toMatch(/CA:TRUE, pathlen:0/);
  });

  test('is made anew before it would end earlier than what it signs, and where it cannot be read', async () => {
    const folder = tempFolder();
    const files = filesIn(folder);
    const tooShort = await makeAuthority('old', 396 * DAY_MS);
    const longEnough = await makeAuthority('old', 400 * DAY_MS);
    mkdirSync(files.folder, { recursive: true });
    for (const [text, isKept] of [
      [longEnough.key + longEnough.cert, true],
      [tooShort.key + tooShort.cert, false],
      ['no certificate', false],
      [longEnough.cert, false],
      [longEnough.key + longEnough.cert.replace(/[A-Za-z]{10}/, 'AAAAAAAAAA'), false],
    ] as const) {
      writeFileSync(files.authority, text);
      const made = await issueCertificate(folder, ['localhost']);
      const ca = new X509Certificate(readFileSync(files.ca, 'utf8'));
      expect(ca.subject === 'CN=old').toBe(isKept);
      expect(new X509Certificate(made.cert).verify(ca.publicKey)).toBe(true);
      expect(Date.parse(ca.validTo)).toBeGreaterThan(Date.parse(new X509Certificate(made.cert).validTo));
    }
  });

  test('of many that start at once, all sign by the same', async () => {
    const folder = tempFolder();
    const made = await Promise.all(Array.from({ length: 8 }, () => issueCertificate(folder, ['localhost'])));
    const ca = new X509Certificate(readFileSync(filesIn(folder).ca, 'utf8'));
    for (const { cert } of made) expect(new X509Certificate(cert).verify(ca.publicKey)).toBe(true);
    expect(readdirSync(filesIn(folder).folder).sort()).toEqual([
      '.gitignore',
      'authority.pem',
      'ca-bundle.pem',
      'ca.pem',
    ]);
  });
});

describe('the flags', () => {
  const resolve = (flags: Parameters<typeof resolveListenerTls>[0], folder = tempFolder()) =>
    resolveListenerTls(flags, { host: '127.0.0.1', folder, cwd: folder });

  test('without them it is plain HTTP, and nothing is written', async () => {
    const folder = tempFolder();
    expect(await resolve({}, folder)).toBeUndefined();
    expect(existsSync(join(folder, '.carvos'))).toBe(false);
  });

  test.each([
    [{ tlsName: ['a.test'] }, /--tls-name is for --tls/],
    [{ tls: true, tlsName: ['not a name'] }, /neither a host name nor an IP address/],
    [{ tlsCert: 'a.pem' }, /go together/],
    [{ tlsKey: 'a.key' }, /go together/],
    [{ tlsCert: 'a.pem', tlsKey: 'a.key' }, /--tls-cert: cannot read/],
    [{ tlsCert: 'a.pem', tlsKey: 'a.key', tlsName: ['a.test'] }, /leave out one|is for the certificate/],
  ])('%j', async (flags, message) => {
    await expect(resolve(flags)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(message),
    });
  });

  test.skipIf(!haveOpenssl)('a certificate of the user’s own, and a key that does not fit it', async () => {
    const { folder, make } = certificateFolder();
    const [own, other] = [make('own'), make('other')];
    expect(await resolve({ tlsCert: 'own.pem', tlsKey: 'own.key' }, folder)).toEqual({
      cert: own.cert,
      key: own.key,
      caFile: own.certFile,
    });
    await expect(resolve({ tlsCert: 'own.pem', tlsKey: other.keyFile }, folder)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/cannot be used: .*mismatch/),
    });
    await expect(resolve({ tlsCert: 'own.key', tlsKey: 'own.key' }, folder)).rejects.toMatchObject({
      exitCode: 2,
    });
    // OpenSSL takes both, and every connection fails.
    writeFileSync(join(folder, 'empty'), '');
    for (const [tlsCert, tlsKey, what] of [
      ['empty', 'own.key', /the first holds no certificate/],
      ['own.pem', 'empty', /the second holds no private key/],
    ] as const) {
      const problem = { exitCode: 2, message: expect.stringMatching(what) };
      await expect(resolve({ tlsCert, tlsKey }, folder)).rejects.toMatchObject(problem);
    }
  });
});
