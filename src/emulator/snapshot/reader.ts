import { type ChildProcess, spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { clearTimeout, setTimeout } from 'node:timers';
import { MAX_SNAPSHOT_BYTES } from '../../contract/limits.ts';
import { findBuilt } from '../../files/find-built.ts';
import { ownProcess } from '../../files/own-parts.ts';
import { limitTime } from '../../transport/limit-time.ts';
import { SnapshotError } from '../store/snapshot.ts';
import type { ReadAnswer, ReadRequest } from './reader-process.ts';

const FILE = 'snapshot-reader.mjs';
/** Reading was measured at 30 MB a second and more; this much for a small one, and a second more for each 4 MiB. */
const TIME_LIMIT_MS = 20_000;
const BYTES_A_SECOND = 4 * 1024 ** 2;
const HEAP_MB = 512;
/** How long a process without work is kept: a suite restores before each test, and starting one takes 0.1 s. */
const IDLE_MS = 30_000;

/**
 * Reads databases that anybody may have made, in a process of its own, one at a time. A process, because SQLite runs
 * to the end of a statement whatever a thread is asked, and a few crafted pages are a table without end.
 */
export type SnapshotReader = ReturnType<typeof createSnapshotReader>;

/** @param timeLimitMs wall milliseconds for a small file; given by tests. */
export function createSnapshotReader(timeLimitMs: number = TIME_LIMIT_MS) {
  let child: ChildProcess | null = null;
  let idle: NodeJS.Timeout | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  let closed = false;

  function end(): void {
    clearTimeout(idle);
    child?.kill('SIGKILL');
    child = null;
  }
  async function read(request: ReadRequest): Promise<void> {
    const stat = statSync(request.source);
    if (!stat.isFile()) throw bad('it is not a file');
    const { size } = stat;
    if (size > MAX_SNAPSHOT_BYTES) throw bad(`it is larger than ${MAX_SNAPSHOT_BYTES / 1024 ** 3} GiB`);
    if (closed) throw bad('the gateway is stopping');
    clearTimeout(idle);
    const kept = child;
    child ??= start();
    const limit = timeLimitMs + (size / BYTES_A_SECOND) * 1000;
    let answer = await ask(child, request, limit);
    // One that died while it had no work is no fault of this file's; whoever ends a new one too is.
    if (answer === null && kept !== null && !closed) {
      child = start();
      answer = await ask(child, request, limit);
    }
    if (answer === null || answer === 'late') {
      end();
      throw bad(
        closed ? 'the gateway is stopping' : 'reading it takes too long, or ends the process that reads it',
      );
    }
    idle = setTimeout(end, IDLE_MS);
    idle.unref();
    if (answer.ok) return;
    if ('error' in answer) throw Object.assign(new Error(answer.error.message), { code: answer.error.code });
    throw new SnapshotError(answer.refused.code, answer.refused.detail);
  }
  const inTurn = (request: ReadRequest): Promise<void> => {
    const result = turn.then(() => read(request));
    turn = result.catch(() => {});
    return result;
  };
  return {
    /**
     * Writes what `source` holds into a new database `target`, checked and up to date.
     *
     * @throws SnapshotError for what is not taken; the error of the disk where `target` cannot be written.
     */
    copy: (source: string, target: string): Promise<void> => inTurn({ source, target }),
    /** Whether a database is safe to look at. @throws SnapshotError */
    check: (source: string): Promise<void> => inTurn({ source, target: null }),
    /** Ends the process, in the middle of its work if need be. */
    close(): void {
      closed = true;
      end();
    },
  };
}

const bad = (detail: string) => new SnapshotError('bad_snapshot', detail);

function start(): ChildProcess {
  const [command, args] = ownProcess({
    part: 'snapshot-reader',
    flags: [`--max-old-space-size=${HEAP_MB}`],
    node: () => [builtReader()],
  });
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], windowsHide: true });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  child.on('error', () => {});
  // It is waited for while it works, and no reason for a process to stay.
  child.unref();
  return child;
}

function builtReader(): string {
  const file = findBuilt(FILE);
  if (file === null) throw new Error(`${FILE} is missing: run npm run build`);
  return file;
}

/** `null` when it ended. */
function ask(
  child: ChildProcess,
  request: ReadRequest,
  limitMs: number,
): Promise<ReadAnswer | 'late' | null> {
  return new Promise((resolve) => {
    const settle = (answer: ReadAnswer | 'late' | null) => {
      callOff();
      child.off('message', settle).off('exit', onEnd).off('error', onEnd);
      child.channel?.unref();
      resolve(answer);
    };
    const onEnd = () => settle(null);
    const callOff = limitTime(limitMs, () => settle('late'));
    child.on('message', settle).on('exit', onEnd).on('error', onEnd);
    child.channel?.ref();
    if (!child.connected) return onEnd();
    child.send(request, (error) => error && onEnd());
  });
}
