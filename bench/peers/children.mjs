// Child processes that are ended whatever happens to this one, short of SIGKILL.
import { spawn } from 'node:child_process';

/**
 * Starts processes and knows which still run. Each heads a process group of its own, so that Ctrl-C reaches
 * them only through `endAll`, and what they started ends with them.
 */
export function trackChildren() {
  const running = new Set();
  let ending = false;
  process.on('exit', () => {
    for (const child of running) killGroup(child);
  });

  function start(command, args, options = {}) {
    if (ending) throw new Error('the benchmark is being ended');
    const child = spawn(command, args, { stdio: 'ignore', ...options, detached: true });
    running.add(child);
    const ended = new Promise((resolve) => {
      child.once('error', (error) => resolve({ code: null, error }));
      child.once('close', (code, signal) => resolve({ code, signal }));
    }).then((how) => {
      running.delete(child);
      return how;
    });
    const stop = () => {
      killGroup(child);
      return ended;
    };
    return { child, ended, stop };
  }

  return {
    start,
    /** Runs a program to its end, and returns what it said. */
    async run(command, args, options = {}) {
      const { child, ended } = start(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
      const output = { stdout: '', stderr: '' };
      for (const name of ['stdout', 'stderr']) {
        child[name]?.setEncoding('utf8').on('data', (text) => {
          output[name] += text;
        });
      }
      return { ...(await ended), ...output };
    },
    /** Runs one of our own programs, and returns the one message that it sends. */
    async ask(file, args, options = {}) {
      const { child, ended } = start(process.execPath, [file, ...args.map(String)], {
        ...options,
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      });
      let answer;
      child.once('message', (message) => {
        answer = message;
      });
      const { code, signal } = await ended;
      if (answer === undefined) throw new Error(`${file} ended with ${signal ?? code}, and reported nothing`);
      return answer;
    },
    async endAll() {
      ending = true;
      const children = [...running];
      await Promise.all(
        children.map((child) => {
          killGroup(child);
          return child.exitCode === null && child.signalCode === null && child.pid !== undefined
            ? new Promise((resolve) => child.once('exit', resolve))
            : undefined;
        }),
      );
    },
  };
}

function killGroup(child) {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It ended already.
  }
}
