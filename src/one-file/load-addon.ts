import { chmodSync, lstatSync, mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { removeAbandonedDrafts, replaceFile } from '../files/draft-file.ts';
import { readOwnFile } from '../files/own-parts.ts';

/** Holds the name of the addon's file, with a hash of its content in it. */
const NAME = 'addon.txt';
const ADDON = 'better_sqlite3.node';

/**
 * Loads better-sqlite3's addon. The system loads libraries from files alone, so it is written to the user's cache
 * folder, once for each content, and compared with the one inside the program before each use.
 *
 * @throws an error with `exitCode` and `next`, as a `CliError`, where the folder cannot be used.
 */
export function loadAddon(): unknown {
  const folder = cacheFolder(process.env, process.platform);
  const file = join(folder, readOwnFile(NAME)!.toString());
  keepAddon(folder, file, readOwnFile(ADDON)!);
  const loaded = { exports: {} };
  try {
    process.dlopen(loaded, file);
  } catch (error) {
    throw problem(`cannot load ${file}: ${(error as Error).message}`, 'a folder that may hold programs');
  }
  return loaded.exports;
}

/**
 * Where a user's programs keep what can be made again.
 *
 * @throws as loadAddon does
 */
export function cacheFolder(env: NodeJS.ProcessEnv, platform: NodeJS.Platform, findHome = homedir): string {
  if (env.CARVOS_CACHE_DIR) return env.CARVOS_CACHE_DIR;
  if (platform === 'win32')
    return join(env.LOCALAPPDATA ?? join(homeFolder(findHome), 'AppData', 'Local'), 'carvos');
  if (platform === 'darwin') return join(homeFolder(findHome), 'Library', 'Caches', 'carvos');
  // A relative path is to be ignored: XDG Base Directory Specification.
  const xdg = env.XDG_CACHE_HOME && isAbsolute(env.XDG_CACHE_HOME) ? env.XDG_CACHE_HOME : undefined;
  return join(xdg ?? join(homeFolder(findHome), '.cache'), 'carvos');
}

function homeFolder(find: typeof homedir): string {
  let home = '';
  try {
    home = find();
  } catch {
    // HOME is not set, and the system does not know the user, as in some containers.
  }
  if (isAbsolute(home)) return home;
  throw problem("this user has no home folder for the database's library", 'a folder');
}

/**
 * Makes `file` hold these bytes. The folder is closed to other users, who could exchange it between look and use.
 *
 * @throws as loadAddon does
 */
export function keepAddon(folder: string, file: string, bytes: Buffer): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    closeFolder(folder);
    if (isThere(file, bytes)) return;
    removeAbandonedDrafts(file);
    try {
      replaceFile(file, bytes, 0o500);
    } catch (error) {
      // Another process was first, and has it loaded: Windows exchanges no such file.
      if (!isThere(file, bytes)) throw error;
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw problem(`cannot keep the database's library in ${folder} (${code ?? message})`, 'another folder');
  }
}

function closeFolder(folder: string): void {
  const { uid, mode } = lstatSync(folder);
  if (process.getuid === undefined) return;
  if (uid !== process.getuid()) throw new Error('it belongs to another user');
  if ((mode & 0o077) !== 0) chmodSync(folder, 0o700);
}

function isThere(file: string, bytes: Buffer): boolean {
  try {
    return lstatSync(file).isFile() && readFileSync(file).equals(bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

function problem(message: string, other: string): Error {
  return Object.assign(new Error(message), {
    exitCode: 2,
    next: `set CARVOS_CACHE_DIR to ${other} of yours`,
  });
}
