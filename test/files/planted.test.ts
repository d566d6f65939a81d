import { chmodSync, lchownSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { readFacts } from '../../src/cli/config/facts.ts';
import { readConfigFile, readEnvFile } from '../../src/cli/config/files.ts';
import { checkRights } from '../../src/cli/doctor/folder.ts';
import { resolveListenerTls } from '../../src/cli/tls/listener-tls.ts';
import { claimEmulatorFile, findEmulator } from '../../src/client/emulator-file.ts';
import { openStore } from '../../src/emulator/store/open-store.ts';
import { tempFolder } from '../support/folder.ts';

const PLANTED = /is another user's, in a folder that everybody can write to/;
const FILES = {
  'carvos.config.json': '{"port":4999}',
  '.env': 'CARVOS_API_KEY=x\n',
  'carvos.facts.json': '{"version":1}',
  'left.db': '',
};
const RUNNING = { url: 'http://127.0.0.1:4999', token: 't', pid: process.pid, started_at: 'x' };

/** A folder with what carvos looks for, and one below it. As root it is given away; else this process calls itself another user. */
function start(mode: number) {
  const shared = tempFolder(FILES);
  const mine = join(shared, 'mine');
  const own = process.getuid!();
  onTestFinished(() => void vi.restoreAllMocks());
  mkdirSync(mine);
  mkdirSync(join(shared, '.carvos'));
  writeFileSync(join(shared, '.carvos/emulator.json'), JSON.stringify(RUNNING));
  if (own === 0)
    for (const name of [...Object.keys(FILES), '.carvos']) lchownSync(join(shared, name), 65534, 65534);
  else vi.spyOn(process, 'getuid').mockReturnValue(own + 1);
  chmodSync(shared, mode);
  return { shared, mine, own };
}

test('where everybody can write, what another user left is neither read nor asked', () => {
  const { shared, mine } = start(0o1777);
  expect(() => readConfigFile(mine)).toThrow(PLANTED);
  expect(() => readEnvFile(shared)).toThrow(PLANTED);
  expect(findEmulator(mine, {})).toMatchObject({ found: false, message: expect.stringMatching(PLANTED) });
  // Who names it means it.
  expect(readConfigFile(mine, '../carvos.config.json')).toMatchObject({ value: { port: 4999 } });
});

test('nothing of ours is kept there: no database, no token, no local authority', async () => {
  const { shared } = start(0o1777);
  const place = { host: '127.0.0.1', folder: shared, cwd: shared };
  const config = { folder: shared, db: '.carvos/carvos.db' };
  expect(() => openStore(join(shared, config.db))).toThrow(PLANTED);
  expect(() => openStore(join(shared, 'left.db'))).toThrow(PLANTED);
  await expect(claimEmulatorFile(shared, RUNNING)).rejects.toThrow(PLANTED);
  await expect(resolveListenerTls({ tls: true }, place)).rejects.toThrow(PLANTED);
  await expect(readFacts(shared)).rejects.toThrow(PLANTED);
  type Checked = Parameters<typeof checkRights>;
  const found = checkRights({ cwd: shared } as Checked[0], config as Checked[1]);
  expect(found).toMatchObject({ state: 'wrong', what: expect.stringMatching(PLANTED) });
  expect(readdirSync(join(shared, '.carvos'))).toEqual(['emulator.json']);
});

test('another user, as the one outside of a container, owns a folder that is written by nobody else: all is read', () => {
  const { shared, mine } = start(0o755);
  expect(readConfigFile(mine)).toMatchObject({ value: { port: 4999 } });
  expect(readEnvFile(shared)).not.toBeNull();
  expect(findEmulator(mine, {})).toMatchObject({ found: true });
  openStore(join(shared, '.carvos/carvos.db')).close();
  expect(readdirSync(join(shared, '.carvos'))).toContain('carvos.db');
});

test("a link is its maker's, wherever it leads", () => {
  const { shared, mine, own } = start(0o1777);
  const target = join(tempFolder(FILES), 'carvos.config.json');
  const below = join(mine, 'shared');
  mkdirSync(below);
  chmodSync(below, 0o1777);
  symlinkSync(target, join(below, 'carvos.config.json'));
  if (own === 0) lchownSync(join(below, 'carvos.config.json'), 65534, 65534);
  expect(() => readConfigFile(below)).toThrow(PLANTED);
  expect(() => readConfigFile(shared)).toThrow(PLANTED);
});
