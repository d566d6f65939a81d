import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isThere } from './folders-upward.ts';
import { isAlive } from './is-alive.ts';

/** A file that is being made beside its target, readable by its owner only: what is made may hold secrets. */
export interface Draft {
  readonly path: string;
  /**
   * On the disk first, then in the target's place.
   *
   * @param mode instead of 0600.
   * @throws the file system's error; the draft is still there.
   */
  commit(mode?: number): void;
  /** Takes it away, with what SQLite wrote beside it. */
  dispose(): void;
}

const SUFFIX = 'carvos-tmp';
/** What SQLite may have beside a database. */
const SIDES = ['', '-journal', '-wal', '-shm'];

const open = new Set<string>();

/**
 * Begins a draft `TARGET.PID.RANDOM.carvos-tmp`, empty. It is taken away when this process exits; what a kill leaves
 * is for `removeAbandonedDrafts`.
 *
 * @throws the file system's error.
 */
export function createDraft(target: string): Draft {
  const path = `${target}.${process.pid}.${randomBytes(6).toString('hex')}.${SUFFIX}`;
  if (open.size === 0) process.on('exit', removeOpen);
  open.add(path);
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    forget(path);
    throw error;
  }
  return {
    path,
    commit(mode) {
      // Opened before it has its mode: what is for reading alone opens for writing to root only.
      const file = openSync(path, 'r+');
      try {
        if (mode !== undefined) fchmodSync(file, mode);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(path, target);
      forget(path);
    },
    dispose() {
      remove(path);
      forget(path);
    },
  };
}

/**
 * Replaces a file, whole or not at all.
 *
 * @param mode what it has from the first moment in which it can be seen under its name.
 * @throws the file system's error; nothing is left then.
 */
export function replaceFile(target: string, content: string | Uint8Array, mode?: number): void {
  const draft = createDraft(target);
  try {
    writeFileSync(draft.path, content, { flag: 'r+' });
    draft.commit(mode);
  } finally {
    draft.dispose();
  }
}

/** A draft would take its place: /dev/null's, or the pipe's by which a password store gives out `.env`. @throws Error in words. */
export function refuseDevice(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found && !found.isFile() && !found.isDirectory()) throw new Error(`${path} is a device or a pipe`);
}

/**
 * The same where the file may be a link: it stays one, and what it leads to is replaced, unless it is a device or a pipe.
 *
 * @param mode by what it leads to.
 */
export function replaceLinked(path: string, content: string, mode?: (target: string) => number): void {
  const target = isThere(path) ? realpathSync(path) : path;
  refuseDevice(target);
  removeAbandonedDrafts(target);
  replaceFile(target, content, mode?.(target));
}

/**
 * Takes away what killed processes left of a target's drafts. What cannot be taken away stays.
 *
 * @param whose `any` where the caller knows that no other process makes drafts of this target.
 */
export function removeAbandonedDrafts(target: string, whose: 'dead' | 'any' = 'dead'): void {
  const folder = dirname(target);
  const prefix = `${basename(target)}.`;
  for (const name of listFolder(folder)) {
    if (!name.startsWith(prefix)) continue;
    const [, pid, side] =
      /^(\d+)\.[0-9a-f]+\.carvos-tmp(-journal|-wal|-shm)?$/.exec(name.slice(prefix.length)) ?? [];
    if (pid === undefined) continue;
    const path = join(folder, name);
    if (open.has(side === undefined ? path : path.slice(0, -side.length))) continue;
    if (whose === 'any' || isAbandoned(Number(pid), path)) removeQuietly(path);
  }
}

function isAbandoned(pid: number, path: string): boolean {
  // In a container each process may have the same id: ours is only what was made since we began.
  if (pid === process.pid) return isOlderThanProcess(path);
  return !isAlive(pid);
}

function isOlderThanProcess(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found !== undefined && found.mtimeMs < Date.now() - process.uptime() * 1000;
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function remove(path: string): void {
  for (const side of SIDES) rmSync(path + side, { force: true });
}

function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {}
}

function forget(path: string): void {
  open.delete(path);
  if (open.size === 0) process.off('exit', removeOpen);
}

function removeOpen(): void {
  for (const path of open) for (const side of SIDES) removeQuietly(path + side);
}
