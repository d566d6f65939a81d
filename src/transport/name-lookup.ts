import { type ChildProcess, spawn } from 'node:child_process';
import { getDefaultResultOrder, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { clearTimeout, setTimeout } from 'node:timers';
import { ownProcess } from '../files/own-parts.ts';

/** How long a name may take. An attempt's own limit is shorter, as a rule. */
const LIMIT_MS = 30_000;
/** How long the process that asks is kept when nobody asks. */
const IDLE_MS = 60_000;
/** Of these threads libuv gives half to lookups: so many names can fail to answer before one waits for another. */
const THREADS = 64;
/** A replay can name any host, so the names that are waited for are bounded too. */
const MAX_NAMES = 1000;

const LOOPBACK_NAME = /^(?:.+\.)?localhost\.?$/i;
const LOOPBACK: readonly LookupAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

/**
 * What the process runs: the system's own lookup, so that a name means here what it means to every other program. It
 * ends with its parent.
 */
export const NAME_LOOKUP = `
const { lookup } = process.getBuiltinModule('node:dns');
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.on('message', ({ id, name, order }) =>
  lookup(name, { all: true, order }, (error, addresses) => {
    if (process.connected) process.send({ id, code: error && error.code, addresses });
  }));
`;

/** A name has no address: `ENOTFOUND`; or none was learned: `EAI_AGAIN`, and what else the system calls it. */
class NameError extends Error {
  constructor(
    name: string,
    readonly code: string,
  ) {
    super(
      code === 'ENOTFOUND'
        ? `the name ${name} has no address`
        : `the name ${name} was not resolved (${code})`,
    );
  }
}

type Listener = (error: NameError | null, addresses: readonly LookupAddress[]) => void;

interface Asked {
  id: number;
  name: string;
  listeners: Listener[];
  limit: NodeJS.Timeout;
}

interface Answer {
  id: number;
  code: string | null;
  addresses?: LookupAddress[];
}

const asked = new Map<string, Asked>();
let child: ChildProcess | null = null;
let lastId = 0;
let idle: NodeJS.Timeout | undefined;

/** Whether a name means this machine by its definition (RFC 6761, section 6.3), whatever a name server says. */
export function isLoopbackName(name: string): boolean {
  return LOOPBACK_NAME.test(name);
}

/** Whether a host, as it stands in a URL or without brackets, is this machine's loopback. */
export function isLoopbackHost(host: string): boolean {
  return isLoopbackName(host) || /^(?:127(?:\.\d{1,3}){3}|\[?::1\]?)$/.test(host);
}

/** Whether the system was asked for this name, and has not answered yet. */
export function isBeingLookedUp(name: string): boolean {
  return asked.has(name);
}

/**
 * For the option `lookup` of sockets. Names are asked for in a process of their own: a lookup cannot be cancelled, and
 * holds one of the few threads that it would share with the flush to disk, and the end of the process, until a dead
 * name server was given up. Each name is asked for once at a time, however many wait for it; loopback names are not
 * asked for. It never keeps this process alive.
 */
export const lookUpName: LookupFunction = (name, options, callback) => {
  const family = options.family === 'IPv4' ? 4 : options.family === 'IPv6' ? 6 : (options.family ?? 0);
  const answer: Listener = (error, all) => {
    const fitting = family === 0 ? [...all] : all.filter((entry) => entry.family === family);
    const failure = error ?? (fitting.length === 0 ? new NameError(name, 'ENOTFOUND') : null);
    if (failure !== null) callback(failure, '', 0);
    else if (options.all) callback(null, fitting);
    else callback(null, fitting[0]!.address, fitting[0]!.family);
  };
  // Sockets expect their answer later, never during the call.
  if (isLoopbackName(name)) process.nextTick(answer, null, LOOPBACK);
  else if (!asked.has(name) && asked.size >= MAX_NAMES)
    process.nextTick(answer, new NameError(name, 'EAI_AGAIN'), []);
  else ask(name, answer);
};

/**
 * How a socket finds the addresses of a host. Node gives up an address after 250 ms where a name has another. On loopback
 * one where nobody listens refuses at once (but on Windows), and one that is silent has more connections than it takes.
 */
export function lookUpOf(host: string): { lookup: LookupFunction; autoSelectFamilyAttemptTimeout?: number } {
  const waits = isLoopbackName(host) && process.platform !== 'win32';
  return { lookup: lookUpName, ...(waits && { autoSelectFamilyAttemptTimeout: LIMIT_MS }) };
}

function ask(name: string, listener: Listener): void {
  const known = asked.get(name);
  if (known) {
    known.listeners.push(listener);
    return;
  }
  clearTimeout(idle);
  const id = ++lastId;
  const limit = setTimeout(() => giveUp(id), LIMIT_MS);
  limit.unref();
  const entry: Asked = { id, name, listeners: [listener], limit };
  asked.set(name, entry);
  put(entry);
}

function put({ id, name }: Asked): void {
  try {
    child ??= start();
    child.send({ id, name, order: getDefaultResultOrder() }, () => {});
  } catch {
    // No process could be had: the attempt fails, and the next one tries again.
    process.nextTick(settle, { id, code: 'EAI_AGAIN' });
  }
}

function settle({ id, code, addresses }: Answer): void {
  for (const entry of asked.values()) {
    if (entry.id !== id) continue;
    clearTimeout(entry.limit);
    asked.delete(entry.name);
    const error = code ? new NameError(entry.name, code) : null;
    for (const listener of entry.listeners) listener(error, addresses ?? []);
    break;
  }
  if (asked.size > 0) return;
  clearTimeout(idle);
  idle = setTimeout(stop, IDLE_MS);
  idle.unref();
}

/** Ends the process, since the thread that asks cannot be ended, and asks a new one for the rest. */
function giveUp(id: number): void {
  const others = [...asked.values()].filter((entry) => entry.id !== id);
  stop();
  settle({ id, code: 'EAI_AGAIN' });
  for (const entry of others) put(entry);
}

function stop(): void {
  const stopped = child;
  child = null;
  stopped?.kill('SIGKILL');
}

function start(): ChildProcess {
  const { NODE_EXTRA_CA_CERTS: _slow, ...env } = process.env;
  const [command, args] = ownProcess({ part: 'name-lookup', node: () => ['-e', NAME_LOOKUP] });
  const started = spawn(command, args, {
    env: { ...env, UV_THREADPOOL_SIZE: String(THREADS) },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    windowsHide: true,
  });
  started.unref();
  started.channel?.unref();
  started.on('message', (answer) => settle(answer as Answer));
  const failed = () => {
    if (child !== started) return;
    child = null;
    for (const { id } of [...asked.values()]) settle({ id, code: 'EAI_AGAIN' });
  };
  started.on('error', failed);
  started.on('exit', failed);
  return started;
}
