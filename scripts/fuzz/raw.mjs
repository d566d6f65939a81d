import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readAnswers } from './raw-answers.mjs';
import { makeRequest } from './raw-requests.mjs';
import { createChoices } from './seeded.mjs';

const BIN = fileURLToPath(new URL('../../bin/carvos.cjs', import.meta.url));
const AT_ONCE = 48;
/** What is not answered by then lacks something: this side is closed, which ends it. */
const INCOMPLETE_AFTER_MS = 500;
/** A request that is written whole, or closed on our side, is answered or closed long before. */
const HANGS_AFTER_MS = 30_000;
/** Memory at the end beside that after a quarter of the requests, when all is loaded and caches are full. */
const MAX_GROWTH = 1.5;
const MAX_PROBLEMS = 50;

/**
 * Raw requests, right and wrong, to a running `carvos dev`. Each must be answered or closed, none with 5xx but
 * 503; the gateway must not grow, and must be ready at the end.
 *
 * @returns how many were sent, what was answered, memory, and what went wrong.
 */
export async function fuzzRaw({ seed, count, report = () => {} }) {
  const folder = await mkdtemp(join(tmpdir(), 'carvos-fuzz-raw-'));
  const gateway = await startGateway(folder);
  const result = { seed, requests: 0, statuses: {}, megabytes: {}, problems: [] };
  const note = (problem) => {
    if (result.problems.length < MAX_PROBLEMS) report(problem);
    if (result.problems.length < MAX_PROBLEMS) result.problems.push(problem);
  };
  let next = 0;
  const work = async () => {
    while (next < count && gateway.exit() === null) {
      const number = next++;
      if (number === Math.floor(count / 4)) result.megabytes.early = memoryOf(gateway.pid);
      const { label, parts } = makeRequest(createChoices(seed + number), gateway.token);
      const { statuses, problem } = await exchange(gateway.port, parts);
      result.requests++;
      for (const status of statuses) result.statuses[status] = (result.statuses[status] ?? 0) + 1;
      if (statuses.length === 0) result.statuses.closed = (result.statuses.closed ?? 0) + 1;
      const failed = statuses.find((status) => status >= 500 && status !== 503);
      if (failed !== undefined || problem !== null)
        note(`seed ${seed + number}: ${label}: ${problem ?? `status ${failed}`}`);
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    result.megabytes.late = memoryOf(gateway.pid);
    if (gateway.exit() !== null) note(`the gateway ended with ${gateway.exit()}`);
    else {
      const ready = await exchange(gateway.port, [
        Buffer.from('GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'),
      ]);
      if (ready.statuses[0] !== 200) note(`not ready at the end: ${ready.statuses[0]}`);
    }
    const { early, late } = result.megabytes;
    if (early !== null && late > early * MAX_GROWTH && late - early > 100)
      note(`grew from ${early} to ${late} MB`);
  } finally {
    await gateway.stop();
    await rm(folder, { recursive: true, force: true });
  }
  return result;
}

async function startGateway(folder) {
  const child = spawn(process.execPath, [BIN, 'dev', '--port', '0', '--speed', 'max'], {
    cwd: folder,
    env: { PATH: process.env.PATH },
    stdio: 'ignore',
  });
  let exit = null;
  const ended = new Promise((resolve) => {
    child.on('exit', (code, signal) => {
      exit = signal ?? code;
      resolve();
    });
  });
  const file = join(folder, '.carvos/emulator.json');
  while (!existsSync(file)) {
    if (exit !== null) throw new Error(`carvos dev ended with ${exit}`);
    await delay(20);
  }
  const { url, token } = JSON.parse(readFileSync(file, 'utf8'));
  return {
    pid: child.pid,
    port: Number(new URL(url).port),
    token,
    exit: () => exit,
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Writes the parts, and reads until the other side closes. */
function exchange(port, parts) {
  return new Promise((resolve) => {
    const chunks = [];
    const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const timer = setTimeout(() => {
      socket.destroy();
      resolve({ statuses: [], problem: 'neither answered nor closed' });
    }, HANGS_AFTER_MS);
    const incomplete = setTimeout(() => socket.end(), INCOMPLETE_AFTER_MS);
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      // After an interim answer it still waits for the rest; after another, this side closes where that one does not.
      if (readAnswers(Buffer.concat(chunks)).statuses.length > 0) incomplete.refresh();
    });
    // A connection that is closed while we write is an answer too.
    socket.on('error', () => {});
    socket.on('end', () => socket.destroy());
    socket.on('close', () => {
      clearTimeout(timer);
      clearTimeout(incomplete);
      resolve(readAnswers(Buffer.concat(chunks)));
    });
    socket.write(parts[0]);
    if (parts.length > 1) setImmediate(() => socket.writable && socket.write(parts[1]));
  });
}

/** Resident memory in MB; `null` where the system does not say. */
function memoryOf(pid) {
  try {
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024);
  } catch {
    return null;
  }
}
