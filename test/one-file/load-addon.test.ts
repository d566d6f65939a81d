import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cacheFolder, keepAddon } from '../../src/one-file/load-addon.ts';
import { tempFolder } from '../support/folder.ts';

const BYTES = Buffer.from('the library');

function place() {
  const folder = join(tempFolder(), 'cache', 'carvos');
  return { folder, file: join(folder, 'addon-1.node') };
}

describe('the library is kept', () => {
  test('in a folder for its owner alone, once', () => {
    const { folder, file } = place();
    keepAddon(folder, file, BYTES);
    expect(readFileSync(file)).toEqual(BYTES);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const written = statSync(file);
    keepAddon(folder, file, BYTES);
    expect(statSync(file)).toMatchObject({ ino: written.ino, mtimeMs: written.mtimeMs });
    expect(readdirSync(folder)).toEqual(['addon-1.node']);
  });

  test('anew where something else lies in its place', () => {
    const { folder, file } = place();
    keepAddon(folder, file, BYTES);
    chmodSync(file, 0o700);
    writeFileSync(file, 'another library');
    keepAddon(folder, file, BYTES);
    expect(readFileSync(file)).toEqual(BYTES);
  });

  test('not in what a link of somebody leads to', () => {
    const { folder, file } = place();
    mkdirSync(folder, { recursive: true });
    const elsewhere = join(tempFolder({ 'mine.node': BYTES }), 'mine.node');
    symlinkSync(elsewhere, file);
    keepAddon(folder, file, BYTES);
    expect(readFileSync(file)).toEqual(BYTES);
    expect(statSync(file).ino).not.toBe(statSync(elsewhere).ino);
  });

  test('in a folder that others could write to before', () => {
    const { folder, file } = place();
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o777);
    keepAddon(folder, file, BYTES);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });
});

test('a file in the way is told, with a way out', () => {
  const path = join(tempFolder({ blocked: '' }), 'blocked', 'carvos');
  expect(() => keepAddon(path, join(path, 'addon-1.node'), BYTES)).toThrow(
    expect.objectContaining({
      message: `cannot keep the database's library in ${path} (ENOTDIR)`,
      exitCode: 2,
      next: 'set CARVOS_CACHE_DIR to another folder of yours',
    }),
  );
});

// Only root can give a folder to somebody else.
test.runIf(process.getuid?.() === 0)('a folder of another user is not used', () => {
  const { folder, file } = place();
  keepAddon(folder, file, BYTES);
  chownSync(folder, 1, 1);
  expect(() => keepAddon(folder, file, BYTES)).toThrow(/it belongs to another user/);
});

test('the folder is the one that the system has for it', () => {
  const home = homedir();
  expect(cacheFolder({ CARVOS_CACHE_DIR: '/c', XDG_CACHE_HOME: '/x' }, 'linux')).toBe('/c');
  expect(cacheFolder({ XDG_CACHE_HOME: '/x' }, 'linux')).toBe('/x/carvos');
  expect(cacheFolder({ XDG_CACHE_HOME: 'relative' }, 'linux')).toBe(`${home}/.cache/carvos`);
  expect(cacheFolder({}, 'darwin')).toBe(`${home}/Library/Caches/carvos`);
  expect(cacheFolder({ LOCALAPPDATA: '/l' }, 'win32')).toBe('/l/carvos');
});

test('a user without a home folder is told so, with a way out', () => {
  const unknown = () => {
    throw new Error('uv_os_homedir returned ENOENT');
  };
  for (const findHome of [unknown, () => '']) {
    for (const platform of ['linux', 'darwin', 'win32'] as const)
      expect(() => cacheFolder({}, platform, findHome)).toThrow(
        expect.objectContaining({ exitCode: 2, next: 'set CARVOS_CACHE_DIR to a folder of yours' }),
      );
    expect(cacheFolder({ CARVOS_CACHE_DIR: '/c' }, 'linux', findHome)).toBe('/c');
    expect(cacheFolder({ XDG_CACHE_HOME: '/x' }, 'linux', findHome)).toBe('/x/carvos');
  }
});
