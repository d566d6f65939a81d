import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Result } from './program.ts';

const SCRIPT = join(import.meta.dirname, 'warm-process.cjs');
/** What lives until it is told to end, and what leaves a program running. */
const OF_ITS_OWN = ['inspect', 'listen', 'mcp'];
/** What Node reads as it starts. */
const READ_BY_NODE = /^(?:NODE_|LANG$|LC_|TZ$|UV_)/;

export interface Call {
  /** A CommonJS file. */
  program: string;
  args: string[];
  cwd: string;
  env: Record<string, string>;
  input: string | Uint8Array;
  /** It is told that its output goes to a terminal of 80 by 24. */
  terminal?: boolean;
}

/** A process that has run the program before, and waits for the next call. */
interface Warm {
  child: ChildProcess;
  run(call: Call): Promise<Result>;
}

const idle: Warm[] = [];

/** Whether a call can share a process with others: starting Node takes longer than most commands. */
export function canShare({ args, env, input }: Call): boolean {
  return (
    process.platform !== 'win32' &&
    !OF_ITS_OWN.includes(args[0] ?? '') &&
    !args.includes('--start') &&
    (args[0] !== 'open' || args.includes('--print')) &&
    !Object.keys(env).some((name) => READ_BY_NODE.test(name)) &&
    input.length < 1_000_000
  );
}

/** Runs the program to its end, in a process that has ended no other call badly. It is killed when the test ends first. */
export async function runWarm(call: Call): Promise<Result> {
  const warm = idle.pop() ?? startWarm(call.env);
  let ended = false;
  onTestFinished(async () => {
    if (ended) return;
    warm.child.kill('SIGKILL');
    await running;
  });
  const running = warm.run(call);
  const result = await running;
  ended = true;
  return result;
}

function startWarm(env: Call['env']): Warm {
  const id = randomUUID();
  const mark = `\0${id}\0`;
  const child = spawn(process.execPath, [SCRIPT, id], {
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    serialization: 'advanced',
  });
  const output: { stdout: Buffer[]; stderr: Buffer[] } = { stdout: [], stderr: [] };
  let finish: ((result: Result) => void) | null = null;
  const end = (how: Pick<Result, 'code' | 'signal'>, stdout: Buffer, stderr: string) => {
    const tell = finish;
    finish = null;
    output.stdout = [];
    output.stderr = [];
    tell?.({ ...how, stdout: stdout.toString(), stderr, raw: stdout });
  };
  const look = () => {
    const stdout = beforeMark(output.stdout);
    const stderr = stdout && beforeMark(output.stderr)?.toString();
    if (!stdout || stderr === undefined || stderr === null) return;
    const code = /\d+$/.exec(stderr)![0];
    idle.push(warm);
    end({ code: Number(code), signal: null }, stdout, stderr.slice(0, -code.length));
  };
  const beforeMark = (pieces: Buffer[]) => {
    if (pieces.at(-1)?.at(-1) !== 0) return null;
    const all = Buffer.concat(pieces);
    return all.subarray(-mark.length).toString() === mark ? all.subarray(0, -mark.length) : null;
  };
  for (const name of ['stdout', 'stderr'] as const)
    child[name]!.on('data', (piece: Buffer) => {
      output[name].push(piece);
      look();
    });
  child.on('close', (code, signal) => {
    if (idle.includes(warm)) idle.splice(idle.indexOf(warm), 1);
    end({ code, signal }, Buffer.concat(output.stdout), Buffer.concat(output.stderr).toString());
  });
  const warm: Warm = {
    child,
    run: (call) =>
      new Promise((resolve) => {
        finish = resolve;
        child.send(call, () => {});
      }),
  };
  return warm;
}
