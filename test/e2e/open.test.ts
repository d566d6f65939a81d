import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, test } from 'vitest';
import { startDev } from '../support/dev-process.ts';
import { tempFolder } from '../support/folder.ts';
import { runCli, startCarvos } from '../support/program.ts';
import { startTestReceiver } from '../support/receiver.ts';

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

/** `dev`, and the ids of what it delivered. */
async function startDelivered(folder: string) {
  const { url: webhookUrl } = await startTestReceiver();
  const dev = await startDev(folder, ['--db', ':memory:', '--webhook-url', webhookUrl]);
  const { stdout } = await runCli(['send', 'candidate.created', '--wait', '--json'], { cwd: folder });
  const { reference_id, deliveries } = JSON.parse(stdout);
  return { ...dev, reference: reference_id as string, delivery: deliveries[0].id as string };
}

test('the browser is started without the token in its arguments, with a file that only its owner reads', async () => {
  const folder = tempFolder();
  const { url, token, program, delivery } = await startDelivered(folder);
  const browser = fakeBrowser();
  const { code, stdout } = await runCli(['open', delivery], { cwd: folder, env: browser.env });
  expect([code, stdout]).toEqual([0, `opened ${url}/_carvos/portal/deliveries/${delivery}\n`]);
  await expect.poll(browser.started).not.toBeNull();
  const file = browser.started()!;
  expect(file).toBe(join(folder, '.carvos', 'open.html'));
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, 'utf8')).toContain(
    `url=${url}/_carvos/portal/deliveries/${delivery}#token=${token}"`,
  );
  await program.end('SIGTERM');
  expect(existsSync(file), 'it goes with the gateway').toBe(false);
});

test('where there is no browser the address is printed, as with --print, and nothing of an id that is not there', async () => {
  const folder = tempFolder();
  const { url, token, reference, delivery } = await startDelivered(folder);
  const page = `${url}/_carvos/portal`;
  const none = { DISPLAY: '', WAYLAND_DISPLAY: '', WSL_DISTRO_NAME: '' };
  const address = `${page}/trace/${reference}#token=${token}\n`;
  expect((await runCli(['open', reference], { cwd: folder, env: none })).stdout).toBe(address);
  const print = async (id: string) =>
    (await runCli(['open', '--print', id], { cwd: folder, env: fakeBrowser().env })).stdout;
  expect(await print(reference)).toBe(address);
  expect(await print(`${delivery}/1`)).toBe(`${page}/deliveries/${delivery}%2F1#token=${token}\n`);
  for (const [id, code, says] of [
    ['nope', 2, 'nope is no reference_id'],
    ['dlv_nope', 4, 'no such delivery'],
  ] as const) {
    const refused = await runCli(['open', '--print', id], { cwd: folder });
    expect([refused.code, refused.stdout, refused.stderr]).toEqual([code, '', expect.stringContaining(says)]);
  }
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
