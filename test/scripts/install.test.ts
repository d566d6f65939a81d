import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { tempFolder } from '../support/folder.ts';
import { runProgram } from '../support/program.ts';
import { serveHttp } from '../support/receiver.ts';
import { havePrograms } from '../support/require-program.ts';

const SCRIPT = join(import.meta.dirname, '../../scripts/install.sh');
const NAME = `carvos-${process.platform}-${process.arch}.gz`;
const PROGRAM = gzipSync('#!/bin/sh\necho 1.2.3\n');
const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

async function install(files: Record<string, string | Buffer>) {
  const { url } = await serveHttp(({ url: path }, response) => {
    const content = files[path!.slice('/release/'.length)];
    response.writeHead(content === undefined ? 404 : 200).end(content);
  });
  const to = join(tempFolder(), 'bin');
  const env = { CARVOS_DOWNLOAD_URL: `${url}/release`, CARVOS_INSTALL_DIR: to };
  return { to, ...(await runProgram('sh', [SCRIPT], { env })) };
}

const able = havePrograms('scripts/install.sh', 'curl', 'gzip', 'sha256sum');

test.skipIf(!able)('the program is put in its place once its checksum is right', async () => {
  const sums = `${'0'.repeat(64)}  carvos-other-x64.gz\n${hash(PROGRAM)}  ${NAME}\n`;
  const { to, code, stdout } = await install({ SHA256SUMS: sums, [NAME]: PROGRAM });
  expect([code, stdout]).toEqual([0, expect.stringContaining(`carvos 1.2.3 is in ${to}\n`)]);
  expect((await runProgram(join(to, 'carvos'), ['--version'])).stdout).toBe('1.2.3\n');
});

test.skipIf(!able).each([
  ['another file', { SHA256SUMS: `${'0'.repeat(64)}  ${NAME}\n`, [NAME]: PROGRAM }, /is not the file/],
  ['no checksum for it', { SHA256SUMS: '', [NAME]: PROGRAM }, /does not name/],
  ['no file', { SHA256SUMS: `${hash(PROGRAM)}  ${NAME}\n` }, /could not be downloaded/],
])('with %s nothing is installed', async (_what, files, reason) => {
  const { to, code, stderr } = await install(files);
  expect([code, stderr]).toEqual([1, expect.stringMatching(reason)]);
  expect(existsSync(to)).toBe(false);
});

test('an address without TLS is refused', async () => {
  const env = { CARVOS_DOWNLOAD_URL: 'http://example.com' };
  expect(await runProgram('sh', [SCRIPT], { env })).toMatchObject({ code: 1, stdout: '' });
});

test.skipIf(!able)('Alpine is told at once', async () => {
  const folder = tempFolder();
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin/ldd'), '#!/bin/sh\necho "musl libc (x86_64)" >&2\nexit 1\n', {
    mode: 0o755,
  });
  const env = { CARVOS_DOWNLOAD_URL: 'https://example.com', PATH: `${folder}/bin:${process.env.PATH}` };
  expect((await runProgram('sh', [SCRIPT], { env })).stderr).toMatch(/has musl/);
});

test('a release fills in its address', () => {
  const place = '@DOWNLOAD_URL@';
  const workflow = readFileSync(join(SCRIPT, '../../.github/workflows/release.yml'), 'utf8');
  expect(readFileSync(SCRIPT, 'utf8').split(place)).toHaveLength(2);
  expect(workflow).toContain(`sed "s|${place}|`);
});
