import { execFile } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { clearTimeout, setTimeout } from 'node:timers';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { readAnswer } from '../../../contract/ai.ts';
import { stringifyJson } from '../../../contract/json.ts';
import { ownProcess } from '../../../files/own-parts.ts';
import { limitTime } from '../../../transport/limit-time.ts';
import type { AiAnswered, AiJob } from '../backend.ts';
import { askStub } from '../stub/stub.ts';
import { untilAborted } from '../until-aborted.ts';
import { describeRequest, subjectOf } from './describe-request.ts';
import { listModuleFiles } from './module-files.ts';

/** How long a thread may be silent after a job went over its time, before it is ended: a busy machine lets one wait for seconds. */
const PONG_MS = 5000;
const LOAD_MS = 10_000;
const HEAP_MB = 512;

type Report = (level: 'info' | 'warning' | 'error', text: string) => void;

type Outcome =
  | { kind: 'answer'; text: string | undefined }
  | { kind: 'threw'; error: Described }
  | { kind: 'timeout' };

interface Described {
  name: string;
  message: string;
  stack: string;
}

interface Thread {
  ready: Promise<string | null>;
  pending: Map<number, (outcome: Outcome) => void>;
  post(message: object): void;
  /** @param why what the jobs that it has are told. */
  end(why?: string): Promise<unknown>;
  ended: boolean;
}

/**
 * The backend that is a module of the user's. It runs in a thread: what loops for ever, throws when it likes or calls process.exit ends
 * that thread and not the gateway, and a new thread sees a changed file with all that it imports.
 */
export function createAiModule(report: Report) {
  let path = '';
  let version = '';
  let current: Thread | null = null;
  let problem: string | null = null;
  let loading: Promise<void> = Promise.resolve();
  let number = 0;
  let starting: Thread | null = null;
  let closed = false;

  async function load(): Promise<void> {
    const thread = startThread(path, report);
    starting = thread;
    // The thread first, also for a file that is not there: by then somebody listens to what is reported.
    const loaded = await thread.ready;
    starting = null;
    if (closed) return void thread.end();
    const failed = existsSync(path) ? loaded : `${path}: no such file`;
    if (failed === null) {
      void retire(current);
      current = thread;
      problem = null;
      return;
    }
    void thread.end();
    const kept = current !== null && !current.ended ? '; the one before stays in force' : '';
    problem = failed;
    report('error', `the AI module does not load: ${failed}${kept}`);
  }

  /** Lets a thread finish what it has. */
  async function retire(thread: Thread | null): Promise<void> {
    if (thread === null) return;
    while (thread.pending.size > 0 && !thread.ended)
      await new Promise((resolve) => setTimeout(resolve, 50).unref());
    await thread.end();
  }

  return {
    /**
     * Loads this file, unless it is loaded and neither it nor what it imports did change. One that does not
     * load leaves the old one in force.
     *
     * @returns whether it is loaded anew.
     */
    use(next: string): boolean {
      const seen = versionOf(next);
      if (next === path && seen === version && problem === null) return false;
      path = next;
      version = seen;
      loading = loading.then(load);
      return true;
    },
    async ask(job: AiJob, timeoutMs: number, signal: AbortSignal): Promise<AiAnswered> {
      await untilAborted(loading, signal);
      if (current?.ended) {
        loading = loading.then(async () => {
          if (current?.ended) await load();
        });
        await untilAborted(loading, signal);
      }
      const thread = current;
      if (thread === null || thread.ended) {
        return { kind: 'unable', code: 'ai_module_error', message: `the module does not load: ${problem}` };
      }
      const outcome = await untilAborted(
        askThread(thread, ++number, stringifyJson(describeRequest(job)), timeoutMs),
        signal,
      );
      if (outcome.kind === 'timeout') {
        return { kind: 'timeout', message: `the module gave no answer within ${timeoutMs / 1000} s` };
      }
      if (outcome.kind === 'threw') {
        const message = placed(outcome.error, path);
        report('error', `the AI module failed: ${message}`);
        return { kind: 'unable', code: 'ai_module_error', message: `the module failed: ${message}` };
      }
      if (outcome.text === undefined) return { kind: 'bad', message: 'process gave no answer' };
      const answer = readAnswer(Buffer.from(outcome.text), job.event, subjectOf(job));
      return answer.kind === 'default' ? askStub(job, signal) : answer;
    },
    async close(): Promise<void> {
      closed = true;
      // One that never ends to load must not be waited for.
      await starting?.end();
      await loading;
      await current?.end();
      current = null;
      path = '';
    },
  };
}

function startThread(path: string, report: Report): Thread {
  const worker = new Worker(THREAD, {
    eval: true,
    workerData: { url: pathToFileURL(path).href },
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  });
  for (const stream of [worker.stdout, worker.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      for (const line of text.split('\n'))
        if (line !== '') report('info', `AI module: ${line.slice(0, 500)}`);
    });
  }
  worker.unref();
  let isReady: (failed: string | null) => void = () => {};
  let reason: string | undefined;
  const thread: Thread = {
    ready: new Promise((resolve) => {
      const timer = setTimeout(() => resolve('it did not load within 10 s'), LOAD_MS);
      isReady = (failed) => {
        clearTimeout(timer);
        resolve(failed);
      };
    }),
    pending: new Map(),
    post: (message) => worker.postMessage(message),
    end(why) {
      reason = why;
      // Ending takes its time, and what comes meanwhile would end with it.
      thread.ended = true;
      return worker.terminate();
    },
    ended: false,
  };
  worker.on('message', (message) => {
    if (message.ready) return isReady(null);
    if (message.failed) return void explainLoad(message.failed, path).then(isReady);
    const { id, error, answer } = message;
    thread.pending.get(id)?.(error ? { kind: 'threw', error } : { kind: 'answer', text: answer });
  });
  const stop = (error: Described) => {
    thread.ended = true;
    isReady(placed(error, path));
    for (const finish of [...thread.pending.values()]) finish({ kind: 'threw', error });
  };
  worker.on('error', (error) => stop({ name: error.name, message: error.message, stack: error.stack ?? '' }));
  worker.on('exit', (code) =>
    stop({ name: 'Error', message: reason ?? `the module's thread ended (${code})`, stack: '' }),
  );
  return thread;
}

function askThread(thread: Thread, id: number, text: string, timeoutMs: number): Promise<Outcome> {
  return new Promise((resolve) => {
    const callOff = limitTime(timeoutMs, () => {
      finish({ kind: 'timeout' });
      // One that does not even answer this is in a loop, and all others with it.
      const why = `its thread was ended: a job was over its time, and nothing came for ${PONG_MS / 1000} s more, as in an endless loop`;
      const callOffEnd = limitTime(PONG_MS, () => void thread.end(why));
      thread.pending.set(-id, () => {
        callOffEnd();
        thread.pending.delete(-id);
      });
      thread.post({ id: -id, ping: true });
    });
    const finish = (outcome: Outcome) => {
      callOff();
      thread.pending.delete(id);
      resolve(outcome);
    };
    thread.pending.set(id, finish);
    thread.post({ id, job: text });
  });
}

/** What runs in the thread. Jobs and answers cross as JSON. */
const THREAD = `
const { parentPort, workerData } = require('node:worker_threads');
const describe = (error) => ({
  name: String(error?.name ?? 'Error'), message: String(error?.message ?? error), stack: String(error?.stack ?? ''),
});
const loaded = import(workerData.url).then((module) => {
  const found = [module.process, module.default?.process, module.default].find((one) => typeof one === 'function');
  if (!found) throw new Error('it exports no function called process');
  return found;
});
loaded.then(
  () => parentPort.postMessage({ ready: true }),
  (error) => parentPort.postMessage({ failed: describe(error) }),
);
parentPort.on('message', async ({ id, job, ping }) => {
  if (ping) return parentPort.postMessage({ id });
  try {
    const answer = await (await loaded)(JSON.parse(job));
    parentPort.postMessage({ id, answer: JSON.stringify(answer) });
  } catch (error) {
    parentPort.postMessage({ id, error: describe(error) });
  }
});
`;

/** The message with the first line of the user's own files in its stack. */
function placed({ name, message, stack }: Described, path: string): string {
  const what = name === 'Error' || message.startsWith(name) ? message : `${name}: ${message}`;
  const at = /(file:\/\/[^\s()]+?):(\d+)(?::\d+)?/.exec(stack);
  if (!at) return `${basename(path)}: ${what}`;
  let file = at[1]!;
  try {
    file = basename(fileURLToPath(file.replace(/\?.*$/, '')));
  } catch {}
  return `${file}:${at[2]}: ${what}`;
}

/** A syntax error's stack does not say where: node's own check does, of each file that may have it. */
async function explainLoad(error: Described, path: string): Promise<string> {
  if (error.name !== 'SyntaxError') return placed(error, path);
  for (const file of listModuleFiles(path)) {
    const output = await new Promise<string>((resolve) => {
      const [command, args] = ownProcess({
        part: 'check-syntax',
        args: [file],
        flags: ['--experimental-vm-modules'],
        node: () => ['--check', file],
      });
      execFile(command, args, { timeout: 5000 }, (_error, _out, stderr) => resolve(stderr));
    });
    const line = /:(\d+)\r?\n/.exec(output)?.[1];
    if (line !== undefined) return `${basename(file)}:${line}: SyntaxError: ${error.message}`;
  }
  return placed(error, path);
}

/** Changes with every file of the module. */
function versionOf(path: string): string {
  return listModuleFiles(path)
    .map((file) => {
      const found = statSync(file, { throwIfNoEntry: false });
      return found ? `${file} ${found.mtimeMs} ${found.size} ${found.ino}` : `${file} missing`;
    })
    .join('\n');
}
