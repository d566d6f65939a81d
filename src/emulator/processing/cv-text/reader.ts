import { clearInterval, clearTimeout, setInterval, setTimeout } from 'node:timers';
import type { Worker } from 'node:worker_threads';
import { startThread } from '../../../files/own-parts.ts';
import { limitTime } from '../../../transport/limit-time.ts';
import { type CvText, READY } from './bounds.ts';
import type { ThreadRequest } from './thread.ts';

const TIME_LIMIT_MS = 15_000;
const HEAP_MB = 256;
/**
 * The limit on the thread's heap does not cover the buffers that pdf.js unpacks into: the growth of the
 * whole process is watched too.
 */
const GROWTH_LIMIT_BYTES = 512 * 1024 * 1024;
const WATCH_EVERY_MS = 25;
const TOO_MUCH_MEMORY = 'reading it takes too much memory';
/** How long a thread without work is kept: loading pdf.js takes longer than reading a CV. */
const IDLE_MS = 30_000;

/** Reads CVs in a thread of its own, one at a time, bounded in time and memory. */
export type CvReader = ReturnType<typeof createCvReader>;

interface Thread {
  worker: Worker;
  /** Until then nothing that goes wrong lies in the file. */
  isReady: boolean;
}

/**
 * @param timeLimitMs wall milliseconds for one file; given by tests.
 * @param open starts the thread; given by tests.
 */
export function createCvReader(timeLimitMs: number = TIME_LIMIT_MS, open = startThread) {
  let thread: Thread | null = null;
  let turn: Promise<unknown> = Promise.resolve();
  let idle: NodeJS.Timeout | undefined;
  let closed = false;

  function start(): Thread | null {
    const worker = open('cv-text-thread', {
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 },
      env: {},
      execArgv: [],
      stdout: true,
      stderr: true,
    });
    if (worker === null) return null;
    worker.stdout.resume();
    worker.stderr.resume();
    const started = { worker, isReady: false };
    worker.once('message', () => {
      started.isReady = true;
    });
    worker.on('error', () => {});
    worker.on('exit', () => {
      if (thread === started) thread = null;
    });
    worker.unref();
    return started;
  }

  async function end(): Promise<void> {
    const ended = thread;
    thread = null;
    await ended?.worker.terminate();
  }

  async function readNow(kind: ThreadRequest['kind'], load: () => Uint8Array): Promise<CvText> {
    if (closed) throw new Error('the reader is closed');
    // Where there is nothing to read no thread is started, and one that is there ends in its time.
    const bytes = load();
    clearTimeout(idle);
    thread ??= start();
    if (thread === null) return carvosFailed('is missing: build it');
    const answer = await ask(thread, { kind, bytes }, timeLimitMs);
    if (closed) throw new Error('the reader was closed');
    if (answer.ended) await end();
    else {
      idle = setTimeout(() => void end(), IDLE_MS);
      idle.unref();
    }
    return answer.result;
  }

  return {
    /**
     * @param load called when it is this file's turn, so that waiting files cost no memory. Its buffer is handed over to
     *   the thread, so the bytes may share it with nothing else.
     * @returns the text, or a reason that lies in the file. Rejects when `load` throws, or the reader is closed
     *   before it has read the file.
     */
    read(kind: ThreadRequest['kind'], load: () => Uint8Array): Promise<CvText> {
      const result = turn.then(() => readNow(kind, load));
      turn = result.catch(() => {});
      return result;
    },
    async close(): Promise<void> {
      closed = true;
      clearTimeout(idle);
      await end();
    },
  };
}

/** `ended`: the thread is of no use any more. */
function ask(
  thread: Thread,
  request: ThreadRequest,
  timeLimitMs: number,
): Promise<{ result: CvText; ended: boolean }> {
  return new Promise((resolve) => {
    const { worker } = thread;
    const memory = process.memoryUsage.rss();
    const settle = (result: CvText, ended: boolean) => {
      clearInterval(watch);
      callOff();
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      resolve({ result, ended });
    };
    const onMessage = (answer: CvText | typeof READY) => answer !== READY && settle(answer, false);
    const onError = (error: NodeJS.ErrnoException) => {
      if (!thread.isReady) return settle(carvosFailed(`did not start: ${error.message}`), true);
      const memory = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      settle(unreadable(memory ? TOO_MUCH_MEMORY : 'the reader failed on it: it may be broken'), true);
    };
    const onExit = () =>
      settle(thread.isReady ? unreadable('it made the reader end') : carvosFailed('did not start'), true);
    const watch = setInterval(() => {
      if (process.memoryUsage.rss() - memory > GROWTH_LIMIT_BYTES) {
        settle(unreadable(TOO_MUCH_MEMORY), true);
      }
    }, WATCH_EVERY_MS);
    const callOff = limitTime(timeLimitMs, () =>
      settle(unreadable(`reading it takes longer than ${timeLimitMs / 1000} s`), true),
    );
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    worker.postMessage(request, [request.bytes.buffer as ArrayBuffer]);
  });
}

function unreadable(problem: string): CvText {
  return { text: null, problem };
}

function carvosFailed(how: string): CvText {
  return { text: null, problem: `the part of carvos that reads CVs ${how}`, ours: true };
}
