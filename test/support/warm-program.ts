import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { PassThrough, type Writable } from 'node:stream';

const SCRIPT = join(import.meta.dirname, 'warm-process.cjs');
/** What lives until it is told to end, and what leaves a program running. */
const OF_ITS_OWN = ['inspect', 'mcp'];
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

/** A child process, as far as it is watched: one of its own, or a call of one that runs many. */
export interface Child extends EventEmitter {
  readonly pid?: number | undefined;
  readonly stdin: Writable;
  readonly stdout: EventEmitter;
  readonly stderr: EventEmitter;
  kill(signal: NodeJS.Signals): boolean;
}

/** A process that has run the program before, and waits for the next call. */
interface Warm {
  id: string;
  child: ChildProcess;
  /** Where it was a gateway: what it may remember of that must not help the next one there. */
  served: Set<string>;
}

const idle: Warm[] = [];
const KEPT_IDLE = 3;

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

/** Runs the program in a process that has ended no other call badly: what it prints, then `close`, as of a child. */
export function startWarm(call: Call): Child {
  const serves = call.args[0] === 'dev';
  const found = idle.findLastIndex(({ served }) => !serves || !served.has(call.cwd));
  const [warm = startProcess(call.env)] = found < 0 ? [] : idle.splice(found, 1);
  if (serves) warm.served.add(call.cwd);
  const { id, child } = warm;
  let open = true;
  let isSignalled = false;
  const run: Child = Object.assign(new EventEmitter(), {
    pid: child.pid,
    stdin: new PassThrough(),
    stdout: new EventEmitter(),
    stderr: new EventEmitter(),
    kill(signal: NodeJS.Signals) {
      isSignalled ||= open;
      return open && child.kill(signal);
    },
  });
  const finish = (code: number | null, signal: NodeJS.Signals | null) => {
    open = false;
    for (const { stream, hear } of heard) stream.off('data', hear);
    child.off('close', finish);
    run.emit('close', code, signal);
  };
  // A signal that came when the call had ended, of which nobody had heard yet, ends the process.
  const askWhetherItLives = (code: number) => {
    const over = () => finish(code, null);
    child.off('close', finish).once('close', over);
    child.once('message', () => {
      child.off('close', over);
      keep(warm);
      over();
    });
    child.send('still there?', () => {});
  };
  const codes: number[] = [];
  const heard = (['stdout', 'stderr'] as const).map((name) => {
    const hear = passOn(id, run[name], (code) => {
      if (codes.push(code) < 2) return;
      open = false;
      if (isSignalled) return void askWhetherItLives(code);
      keep(warm);
      finish(code, null);
    });
    return { stream: child[name]!.on('data', hear), hear };
  });
  child.on('close', finish);
  child.send(call, () => {});
  return run;
}

function keep(warm: Warm): void {
  idle.push(warm);
  // Of more than these, each with its hundred megabytes, the longest idle ends.
  if (idle.length > KEPT_IDLE) idle.shift()!.child.disconnect();
}

/** Passes on what is printed, up to the mark of the end of a call with its exit code. */
function passOn(id: string, to: EventEmitter, end: (code: number) => void): (piece: Buffer) => void {
  const mark = `\0${id}`;
  let held = Buffer.alloc(0);
  return (piece) => {
    held = Buffer.concat([held, piece]);
    const last = held.subarray(-mark.length - 3).toString();
    const ends = last.startsWith(mark);
    // What begins like the mark is kept back.
    const zero = held.indexOf(0);
    const shown = ends ? held.length - mark.length - 3 : zero < 0 ? held.length : zero;
    if (shown > 0) to.emit('data', held.subarray(0, shown));
    held = held.subarray(shown);
    if (ends) end(Number(last.slice(mark.length)));
  };
}

function startProcess(env: Call['env']): Warm {
  const id = randomUUID();
  const child = spawn(process.execPath, [SCRIPT, id], {
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    serialization: 'advanced',
  });
  const warm: Warm = { id, child, served: new Set() };
  child.on('close', () => {
    if (idle.includes(warm)) idle.splice(idle.indexOf(warm), 1);
  });
  return warm;
}
