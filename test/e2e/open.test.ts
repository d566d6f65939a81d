import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, test } from 'vitest';
import { startDev } from '../support/dev-process.ts';
import { tempFolder } from '../support/folder.ts';
import { runCli, startCarvos } from '../support/program.ts';

/** A folder with an `xdg-open` that notes what it was started with. */
function fakeBrowser(): { env: Record<string, string>; started(): string | null } {
  const folder = tempFolder();
  const note = join(folder, 'started');
  writeFileSync(
    join(folder, 'xdg-open'),
    `#!/bin/sh\necho "$@" > ${note}.part && mv ${note}.part ${note}\n`,
    { mode: 0o755 },
  );
  return {
    env: { PATH: `${folder}${delimiter}${process.env.PATH}`, DISPLAY: ':99' },
    started: () => (existsSync(note) ? readFileSync(note, 'utf8').trim() : null),
  };
}

test('the browser is started without the token in its arguments, with a file that only its owner reads', async () => {
  const folder = tempFolder();
  const { url, token, program } = await startDev(folder, ['--db', ':memory:']);
  const browser = fakeBrowser();
  const { code, stdout } = await runCli(['open', 'dlv_1'], { cwd: folder, env: browser.env });
  expect([code, stdout]).toEqual([0, `opened ${url}/_carvos/portal/deliveries/dlv_1\n`]);
  await expect.poll(browser.started).not.toBeNull();
  const file = browser.started()!;
  expect(file).toBe(join(folder, '.carvos', 'open.html'));
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, 'utf8')).toContain(`url=${url}/_carvos/portal/deliveries/dlv_1#token=${token}"`);
  program.kill('SIGTERM');
  await program.waitForExit();
  expect(existsSync(file), 'it goes with the gateway').toBe(false);
});

test('where there is no browser the address is printed, as with --print', async () => {
  const folder = tempFolder();
  const { url, token } = await startDev(folder, ['--db', ':memory:']);
  const address = `${url}/_carvos/portal/trace/ref%201#token=${token}\n`;
  const none = { DISPLAY: '', WAYLAND_DISPLAY: '', WSL_DISTRO_NAME: '' };
  expect((await runCli(['open', 'ref 1'], { cwd: folder, env: none })).stdout).toBe(address);
  expect((await runCli(['open', '--print', 'ref 1'], { cwd: folder, env: fakeBrowser().env })).stdout).toBe(
    address,
  );
});

test('a gateway over TLS is known by its own certificate', async () => {
  const folder = tempFolder();
  const dev = startCarvos(['dev', '--port', '0', '--tls', '--db', ':memory:'], { cwd: folder });
  await dev.waitForText(/page +https:/);
  const { code, stdout } = await runCli(['open', '--print'], { cwd: folder });
  expect([code, stdout]).toEqual([
    0,
    expect.stringMatching(/^https:\/\/127\.0\.0\.1:\d+\/_carvos\/portal\/#token=/),
  ]);
});

test('a gateway that serves no page is said, with what to do', async () => {
  const folder = tempFolder();
  await startDev(folder, ['--db', ':memory:', '--no-portal']);
  const { code, stderr } = await runCli(['open', '--print'], { cwd: folder });
  expect(code).toBe(4);
  expect(stderr).toContain('start carvos dev without --no-portal');
});

test('without a gateway it ends with 2', async () => {
  expect((await runCli(['open'], { cwd: tempFolder() })).code).toBe(2);
});
