import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readEmulatorFile, writeEmulatorFile } from '../../../src/client/emulator-file.ts';
import { startDev } from '../../support/dev-process.ts';
import { tempFolder } from '../../support/folder.ts';
import { runCli, startCarvos } from '../../support/program.ts';

test('of two in a folder commands find the first, and the second once that has ended', async () => {
  const cwd = tempFolder();
  const first = await startDev(cwd, ['--db', 'a.db']);
  const second = startCarvos(['dev', '--port', '0', '--db', 'b.db'], { cwd });
  const [, url] = await second.waitForText(/POST (http:\S+?)\/v1[\s\S]*Ctrl-C stops/);
  expect(second.stderr).toContain(`talk to ${first.url} (process ${first.program.pid}) until it ends`);
  expect(second.stderr).toContain(`CARVOS_URL=${url} and CARVOS_CONTROL_TOKEN`);
  // What it would suggest goes to the other.
  expect(second.stdout).not.toMatch(/Try it|carvos open/);
  const found = async () => JSON.parse((await runCli(['status', '--json'], { cwd })).stdout).url;
  expect(await found()).toBe(first.url);

  await first.program.end('SIGINT');
  await second.waitForText(/commands in this folder find this gateway now/);
  expect(await found()).toBe(url);
  await second.end('SIGINT');
  expect(existsSync(join(cwd, '.carvos', 'emulator.json'))).toBe(false);
});

test('one whose file another has written over says so, and is found again when that has ended', async () => {
  const cwd = tempFolder();
  const { url, program } = await startDev(cwd, []);
  const other = { url: 'http://127.0.0.1:1', token: 'tok', pid: 1, started_at: '2026-11-23T10:00:00Z' };
  const path = writeEmulatorFile(cwd, other);
  await program.waitForText(/talk to http:\/\/127\.0\.0\.1:1 \(process 1\)/);
  rmSync(path);
  await program.waitForText(/find this gateway now/);
  expect(readEmulatorFile(path)).toMatchObject({ url, pid: program.pid });
});
