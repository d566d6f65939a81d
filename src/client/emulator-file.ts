import { chmodSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createDraft, removeAbandonedDrafts, replaceFile } from '../files/draft-file.ts';
import { describePlanted, foldersUpward } from '../files/folders-upward.ts';
import { ignoreOwnFolder } from '../files/ignore-own-folder.ts';
import { isAlive } from '../files/is-alive.ts';
import { readCertificates } from '../transport/authorities.ts';
import { UnreachableError } from './errors.ts';
import { callControl } from './http-json.ts';

/** What a running `dev` leaves behind, so that other commands find it. */
export interface EmulatorFile {
  url: string;
  token: string;
  pid: number;
  /** ISO 8601. */
  started_at: string;
  /** PEM file with what a client has to trust, where it speaks TLS. */
  ca_file?: string;
}

export type EmulatorLookup =
  /** `path` is `null` when the environment named the emulator. */
  | { found: true; url: string; token: string; path: string | null; caFile?: string }
  | {
      found: false;
      reason: 'missing' | 'stale' | 'unreadable' | 'incomplete-environment';
      /** The file that was looked at, where there was one. */
      path: string | null;
      /** What is wrong. */
      message: string;
      next: string;
    };

/** Where whoever is asked for a control token finds it. */
export const TOKEN_PLACE =
  'its token is the CARVOS_CONTROL_TOKEN that it was started with, or else the one in .carvos/emulator.json of its folder';

const FOLDER = '.carvos';
const FILE = 'emulator.json';
/** Wall milliseconds that another emulator has to show that it is there. */
const PROBE_MS = 2000;

export function emulatorFilePath(folder: string): string {
  return join(folder, FOLDER, FILE);
}

/** Where `carvos open` leaves the file that leads a browser to the page: beside the emulator's, since it holds the token. */
export function pageFilePath(emulatorFile: string): string {
  return join(dirname(emulatorFile), 'open.html');
}

/**
 * Writes `.carvos/emulator.json` below `folder`, readable by its owner only, because it holds the
 * control token. Appears whole or not at all.
 *
 * @returns the file's path.
 */
export function writeEmulatorFile(folder: string, content: EmulatorFile): string {
  const path = emulatorFilePath(folder);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  chmodSync(dirname(path), 0o700); // it may have existed with wider rights
  ignoreOwnFolder(dirname(path));
  removeAbandonedDrafts(path);
  replaceFile(path, `${JSON.stringify(content, null, 2)}\n`);
  return path;
}

/**
 * Writes the file, unless another emulator that runs has written its own: then commands in this folder go on
 * talking to that one. Its process alone is no proof: the system gives a pid to somebody else.
 *
 * @returns that other emulator, or `null` when the file is ours now.
 * @throws Error in words for a folder that another user may have left there; the file system's.
 */
export async function claimEmulatorFile(folder: string, content: EmulatorFile): Promise<EmulatorFile | null> {
  const planted = describePlanted(join(folder, FOLDER));
  if (planted !== null) throw new Error(planted);
  const present = readEmulatorFile(emulatorFilePath(folder));
  const isOther =
    present !== null &&
    present !== 'unreadable' &&
    present.pid !== content.pid &&
    present.url !== content.url &&
    isAlive(present.pid) &&
    isThere(await askEmulator({ ...present, caFile: present.ca_file }));
  if (isOther) return present;
  writeEmulatorFile(folder, content);
  return null;
}

/** One that is too busy to answer is there. */
const isThere = (error: Error | null) =>
  error === null || (error instanceof UnreachableError && error.code === 'timeout');

/** Why no emulator with that token answers there; `null` when one does. A process that lives is no proof of it. */
export async function askEmulator(asked: {
  url: string;
  token: string;
  caFile?: string | undefined;
}): Promise<Error | null> {
  try {
    const tls = asked.caFile === undefined ? undefined : { ca: readCertificates(asked.caFile) };
    const target = { url: new URL(asked.url), token: asked.token, tls };
    await callControl(target, 'status', {}, { timeoutMs: PROBE_MS });
    return null;
  } catch (error) {
    return error as Error;
  }
}

/** Removes the file, but only that of this process: a later `dev` may have written its own. */
export function removeEmulatorFile(folder: string): void {
  const path = emulatorFilePath(folder);
  const content = readEmulatorFile(path);
  if (isOthers(content) || (content !== null && !takeAway(path))) return;
  rmSync(pageFilePath(path), { force: true });
}

/** Moves the file aside and looks again: between a look and a removal another one can be written. @returns whether it was ours. */
function takeAway(path: string): boolean {
  const aside = createDraft(path);
  try {
    renameSync(path, aside.path);
    if (!isOthers(readEmulatorFile(aside.path))) return true;
    linkSync(aside.path, path);
  } catch (error) {
    // Gone by now, or a still later one is there.
    if (!['ENOENT', 'EEXIST'].includes(String((error as NodeJS.ErrnoException).code))) throw error;
  } finally {
    aside.dispose();
  }
  return false;
}

const isOthers = (content: ReturnType<typeof readEmulatorFile>) =>
  content !== null && content !== 'unreadable' && content.pid !== process.pid;

/**
 * Finds the running emulator: `CARVOS_URL` with `CARVOS_CONTROL_TOKEN` first, then the nearest
 * `.carvos/emulator.json` upward from `folder`. The file of a process that is gone is stale: a nearer
 * stale file does not hide a live one further up.
 */
export function findEmulator(
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
): EmulatorLookup {
  const url = env.CARVOS_URL;
  const token = env.CARVOS_CONTROL_TOKEN;
  if (url && token) return { found: true, url, token, path: null, caFile: env.CARVOS_CA_FILE };
  let problem: EmulatorLookup | null = null;
  for (const above of foldersUpward(folder)) {
    const path = emulatorFilePath(above);
    const content = readEmulatorFile(path);
    if (content === null) continue;
    const planted = describePlanted(dirname(path));
    if (planted !== null) {
      problem ??= notFound('unreadable', path, planted, 'start `carvos dev` in a folder of your own');
      continue;
    }
    if (content === 'unreadable') {
      const [why, next] = isDenied(path)
        ? [': permission denied', 'be the user who started it, or set CARVOS_URL and CARVOS_CONTROL_TOKEN']
        : ['', 'delete it, then start `carvos dev` again'];
      problem ??= notFound('unreadable', path, `${path} cannot be read${why}`, next);
      continue;
    }
    const { url, token, pid, started_at, ca_file: caFile } = content;
    // A token of one's own set for `dev` (CARVOS_CONTROL_TOKEN alone) is the one in the file anyway.
    if (isAlive(pid)) return { found: true, url, token, path, caFile };
    const stale = `${path} is stale: process ${pid}, started ${started_at}, no longer runs`;
    problem ??= notFound('stale', path, stale, 'start `carvos dev` again');
  }
  if (problem !== null) return problem;
  if (url) {
    // Alone it is no mistake: an ATS's own code may take the gateway's base from it.
    return notFound(
      'incomplete-environment',
      null,
      'CARVOS_URL is set, but CARVOS_CONTROL_TOKEN is not, and there is no .carvos/emulator.json here or above',
      `set both, or run below the folder where \`carvos dev\` was started (${TOKEN_PLACE})`,
    );
  }
  return notFound(
    'missing',
    null,
    'no gateway is running',
    `start one with \`carvos dev\`; where one runs in another folder, go there; for one in a container or on another machine set CARVOS_URL and CARVOS_CONTROL_TOKEN (${TOKEN_PLACE})`,
  );
}

/** @throws the file system's error. Of a pipe without a writer nothing is read: who waits for one is deaf to every signal. */
const readText = (path: string): string => (statSync(path).isFile() ? readFileSync(path, 'utf8') : '');

/** The file's content; `null` when there is none, `unreadable` when it is not what `dev` writes. */
export function readEmulatorFile(path: string): EmulatorFile | 'unreadable' | null {
  try {
    const value = JSON.parse(readText(path)) as Partial<EmulatorFile> | null;
    const { url, token, pid, started_at, ca_file } = value ?? {};
    const isComplete = typeof url === 'string' && typeof token === 'string' && Number.isInteger(pid);
    if (!isComplete || !URL.canParse(url)) return 'unreadable';
    return {
      url,
      token,
      pid: pid as number,
      started_at: typeof started_at === 'string' ? started_at : 'at an unknown time',
      ...(typeof ca_file === 'string' && { ca_file }),
    };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return code === 'ENOENT' || code === 'ENOTDIR' ? null : 'unreadable';
  }
}

/** Whether it is another user's, as root's or a container's: its gateway may well run. */
function isDenied(path: string): boolean {
  try {
    readText(path);
    return false;
  } catch (error) {
    return ['EACCES', 'EPERM'].includes(String((error as NodeJS.ErrnoException).code));
  }
}

function notFound(
  reason: Extract<EmulatorLookup, { found: false }>['reason'],
  path: string | null,
  message: string,
  next: string,
): EmulatorLookup {
  return { found: false, reason, path, message, next };
}
