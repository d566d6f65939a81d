import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startFakeGateway } from './fake-gateway.mjs';
import { listCalls } from './gateway-commands.mjs';
import { loadCommands } from './run-in-process.mjs';
import { createChoices } from './seeded.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const BIN = join(root, 'bin/carvos.cjs');
/** One run in this many is a real process. */
const PROCESS_EVERY = 40;
/** Longer than the longest limit of a command, so that only one without a limit reaches it. */
const HANGS_AFTER_MS = 60_000;
const ADDRESS = { CARVOS_CONTROL_TOKEN: 'fuzz-token' };

/**
 * Wrong answers to every command that talks to a gateway. None may end as a bug of carvos, print a stack trace, or
 * go on for ever.
 *
 * @returns how many wrong answers were given, how the commands ended, and what went wrong.
 */
export async function fuzzControl({ seed, count, report = () => {} }) {
  const folder = await mkdtemp(join(tmpdir(), 'carvos-fuzz-control-'));
  const gateway = await startGateway();
  const fake = await startFakeGateway(gateway);
  const commands = await loadCommands(join(root, 'dist'));
  const settings = { cwd: folder, env: { ...ADDRESS, CARVOS_URL: fake.url } };
  const result = { seed, answers: 0, processes: 0, exits: {}, problems: [] };
  try {
    const ids = { ...(await fill(gateway)), file: join(folder, 'state.db') };
    const calls = listCalls(ids);
    await writeFile(ids.file, '');
    // However busy the machine, the real gateway answers.
    await record(listCalls(ids, '60s'), commands, settings, result);
    for (let number = 0; result.answers < count && number < count * 3; number++) {
      const choices = createChoices(seed + number);
      const args = [...choices.pick(calls), ...(choices.chance(0.4) ? ['--json'] : [])];
      const armed = fake.arm(choices.pick([0, 0, 0, 1, 1, 2, 3]), choices);
      const inProcess = number % PROCESS_EVERY !== 0 && args[0] !== 'verify';
      const ended = await (inProcess ? runHere(commands, args, settings) : runProcess(args, settings));
      if (!inProcess) result.processes++;
      if (armed.done === null) continue;
      result.answers++;
      result.exits[ended.code] = (result.exits[ended.code] ?? 0) + 1;
      const problem = judge(ended);
      if (problem === null) continue;
      const about = `seed ${seed + number}: carvos ${args.join(' ')}: ${armed.done}: ${problem}`;
      result.problems.push(about);
      report(about);
    }
  } finally {
    fake.close();
    await gateway.close();
    await rm(folder, { recursive: true, force: true });
  }
  return result;
}

/** A gateway with something of everything in it. */
async function startGateway() {
  const { startEmulator } = createRequire(import.meta.url)(join(root, 'dist/index.cjs'));
  const receiver = http.createServer((request, response) => {
    request.resume().on('end', () => response.end('thanks'));
  });
  await new Promise((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const webhookUrl = `http://127.0.0.1:${receiver.address().port}/webhooks`;
  const emulator = await startEmulator({ webhookUrl, controlToken: ADDRESS.CARVOS_CONTROL_TOKEN });
  return {
    emulator,
    url: emulator.url,
    close: async () => {
      await emulator.close();
      receiver.closeAllConnections();
      receiver.close();
    },
  };
}

async function fill({ emulator, url }) {
  const control = async (path) => {
    const headers = { authorization: `Bearer ${ADDRESS.CARVOS_CONTROL_TOKEN}` };
    return await (await fetch(`${url}/_carvos/v1${path}`, { headers })).json();
  };
  const event = (await emulator.send('candidate.created')).reference_id;
  const failing = (await emulator.send('candidate.created', { email: 'jane+ai-fail@example.com' }))
    .reference_id;
  const trace = await control(`/references/${event}/wait?until=settled&timeout_ms=10000`);
  const failed = await control(`/references/${failing}/wait?until=settled&timeout_ms=10000`);
  const delivery = trace.trace.deliveries[0];
  return {
    delivery: delivery.id,
    reference: event,
    event: delivery.event_id,
    failed: failed.trace.job.id,
  };
}

/** Each command once against the real gateway, so that the fake one knows what it answers. A signature may be refused. */
async function record(calls, commands, settings, result) {
  for (const args of calls) {
    const ended = await (args[0] === 'verify'
      ? runProcess(args, settings)
      : runHere(commands, args, settings));
    const problem = judge(ended);
    if (problem !== null || ![0, 3].includes(ended.code))
      result.problems.push(`as it should be: carvos ${args.join(' ')}: ${problem ?? ended.stderr}`);
  }
}

async function runHere(commands, args, settings) {
  const stopAfter = args.includes('--follow') ? 20 : undefined;
  let timer;
  const hung = new Promise((resolve) => {
    timer = setTimeout(() => resolve({ code: 'hung', stdout: '', stderr: '', error: null }), HANGS_AFTER_MS);
  });
  try {
    return await Promise.race([commands.run(args, { ...settings, stopAfter }), hung]);
  } finally {
    clearTimeout(timer);
  }
}

/** As a user does; told to stop where it would follow for ever. */
function runProcess(args, { cwd, env }) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [BIN, ...args], {
      cwd,
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr']) child[name].on('data', (chunk) => (said[name] += chunk));
    const follows = args.includes('--follow');
    const stop = setTimeout(() => child.kill('SIGINT'), follows ? 1000 : HANGS_AFTER_MS);
    const kill = setTimeout(() => child.kill('SIGKILL'), HANGS_AFTER_MS + 5000);
    child.on('close', (code, signal) => {
      clearTimeout(stop);
      clearTimeout(kill);
      resolve({ code: signal === 'SIGKILL' ? 'hung' : code, ...said, error: null });
    });
  });
}

/** What is wrong with how a command ended; `null` when nothing is. */
function judge({ code, stdout, stderr, error }) {
  if (code === 'hung') return 'goes on for ever';
  if (code === 70) return `exit 70: ${error?.stack ?? stderr}`;
  if (/\n\s+at .*:\d+:\d+\)?\n/.test(stdout + stderr)) return `a stack trace: ${stderr}`;
  return [0, 1, 2, 3, 4, 5, 6, 130].includes(code) ? null : `exit ${code}: ${stderr}`;
}
