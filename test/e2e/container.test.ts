import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../support/folder.ts';
import { runProgram, spawnProgram } from '../support/program.ts';

const ROOT = join(import.meta.dirname, '../..');
const NO_DEVELOPMENT = ['esbuild', 'vitest', 'typescript', 'zod'];

/** The build that `npm ci` has run is not run again: it leaves what that one made. */
const BUILT_BEFORE = `
import { cpSync } from 'node:fs';
if (process.env.CARVOS_BUILD_TYPES !== '0') throw new Error('the declaration files are for no container');
cpSync(${JSON.stringify(join(ROOT, 'dist'))}, 'dist', { recursive: true });
`;

test('the build and start steps of the container work outside of one', async () => {
  // A copy of what is committed or would be: building in place would take dist/ away from other tests.
  const source = tempFolder();
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: ROOT });
  for (const name of listed.toString().split('\0'))
    if (name !== '' && name !== 'node_modules' && existsSync(join(ROOT, name)))
      cpSync(join(ROOT, name), join(source, name));
  symlinkSync(join(ROOT, 'node_modules'), join(source, 'node_modules'));
  writeFileSync(join(source, 'scripts/build.mjs'), BUILT_BEFORE);
  const target = join(tempFolder(), 'carvos');
  const built = await runProgram('sh', [join(source, 'scripts/container-build.sh'), target]);
  expect(built, built.stderr).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  for (const name of NO_DEVELOPMENT) expect(existsSync(join(target, 'node_modules', name))).toBe(false);

  const env = { CARVOS_LISTEN_HOST: '127.0.0.1', CARVOS_LISTEN_PORT: '0' };
  const data = tempFolder();
  const gateway = spawnProgram('sh', [join(target, 'container-start.sh'), '--speed', 'max'], {
    cwd: data,
    env,
  });
  const [url] = await gateway.waitForText(/http:\/\/127\.0\.0\.1:\d+/);
  const health = join(target, 'container-health.sh');
  const port = new URL(url).port;
  await expect
    .poll(async () => (await runProgram('sh', [health], { env: { CARVOS_LISTEN_PORT: port } })).code)
    .toBe(0);
  const cli = join(target, 'bin/carvos.cjs');
  const sent = await runProgram(process.execPath, [cli, 'send', 'candidate.created', '--wait'], {
    cwd: data,
  });
  expect(sent).toMatchObject({ code: 0, stdout: expect.stringContaining('delivered') });
  // As `docker stop` does.
  expect(await gateway.end('SIGTERM')).toEqual({ code: 0, signal: null });
  expect((await runProgram('sh', [health], { env: { CARVOS_LISTEN_PORT: port } })).code).toBe(1);
}, 120_000);

test('the Dockerfile does nothing but run these scripts', () => {
  const dockerfile = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');
  expect(dockerfile).toContain('RUN sh scripts/container-build.sh /opt/carvos\n');
  expect(dockerfile).toContain('ENTRYPOINT ["sh", "/opt/carvos/container-start.sh"]');
  expect(dockerfile).toContain('CMD ["sh", "/opt/carvos/container-health.sh"]');
  expect(dockerfile).not.toMatch(/npm|node_modules|carvos\.cjs/);
});
