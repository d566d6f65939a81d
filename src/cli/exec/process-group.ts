import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** The processes that a command left behind get this long to end by themselves. */
const TERM_GRACE_MS = 2000;
/** After SIGKILL nothing lingers but a thread that the kernel has to wait for, as in a write to a slow disk. */
const KILL_GRACE_MS = 10_000;
const POLL_MS = 20;
export const HAS_GROUPS = process.platform !== 'win32';

/** Sends a signal to every process of a group. Returns whether there was one. */
export function signalGroup(group: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(-group, signal);
    return true;
  } catch {
    return false;
  }
}

/**
 * Ends every process of a group: SIGTERM, and SIGKILL for those that do not mind it.
 *
 * @returns why something of it is left; `null` when nothing is.
 */
export async function endGroup(group: number): Promise<string | null> {
  if (!signalGroup(group, 'SIGTERM')) return null;
  if (await isGone(group, TERM_GRACE_MS)) return null;
  signalGroup(group, 'SIGKILL');
  if (await isGone(group, KILL_GRACE_MS)) return null;
  return `a process of the command is still there ${KILL_GRACE_MS / 1000} s after SIGKILL, with its ports and files: it waits for a disk or a device`;
}

async function isGone(group: number, withinMs: number): Promise<boolean> {
  const end = performance.now() + withinMs;
  for (;;) {
    if (!hasLiving(group)) return true;
    if (performance.now() >= end) return false;
    await delay(POLL_MS);
  }
}

/**
 * In a container without an init process the dead stay in their group as zombies, for ever. A zombie with more than one
 * thread is not dead: its first thread ended, and the others still hold its ports.
 */
function hasLiving(group: number): boolean {
  try {
    process.kill(-group, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  if (process.platform !== 'linux') return true;
  return readdirSync('/proc').some((name) => /^\d+$/.test(name) && isLivingMember(name, group));
}

function isLivingMember(pid: string, group: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // pid (name) state ppid pgrp …, and a name can hold anything; the threads are field 20 (proc_pid_stat(5)).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, , pgrp] = fields;
    const threads = Number(fields[17]);
    return Number(pgrp) === group && ((state !== 'Z' && state !== 'X') || threads > 1);
  } catch {
    return false; // ended meanwhile
  }
}

/**
 * Kills the group when this process is gone without having said so: after a SIGKILL nobody else would, and
 * what is left could hold a port that the next run needs. A shell in a session of its own waits on a pipe
 * that only this process has the other end of.
 *
 * @returns the function that calls it off.
 */
export function guardGroup(group: number): () => void {
  const script = 'read -r word || kill -s KILL -- "-$1"';
  const guard: ChildProcess = spawn('/bin/sh', ['-c', script, 'carvos-exec-guard', String(group)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    env: {},
    cwd: '/',
  });
  guard.on('error', () => {}); // without a shell there is no guard
  guard.stdin!.on('error', () => {});
  guard.unref();
  (guard.stdin as unknown as { unref?(): void }).unref?.();
  return () => void guard.stdin!.end('done\n');
}
