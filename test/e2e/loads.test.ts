import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands/index.ts';
import { tempFolder } from '../support/folder.ts';
import { CARVOS, runProgram, spawnProgram } from '../support/program.ts';
import { havePrograms } from '../support/require-program.ts';

const ROOT = join(import.meta.dirname, '../..');
const DIST = join(ROOT, 'dist');
const RECORDING = join(ROOT, 'fixtures/recordings/fictional-gateway.yaml');
const HOOK = join(ROOT, 'test/support/record-loads.cjs');

/** What takes long to load. */
const HEAVY = [
  '@modelcontextprotocol/sdk',
  '@peculiar/x509',
  'better-sqlite3',
  'chokidar',
  'commander',
  'express',
  'ink',
  'react',
  'undici',
  'zod',
];
const PARSED = ['commander'];
/** Those that check the config file, a body, a rule, or what a gateway answers. */
const CHECKED = [...PARSED, 'zod'];
/** What makes certificates, for `--tls` alone. */
const CERTIFICATES = ['@peculiar/x509'];
/** What answers a webhook: the rest of the gateway is loaded with the first request for it. */
const GATEWAY = ['better-sqlite3', 'commander', 'zod'];

interface Case {
  args: string[];
  /** The heavy packages that it loads: these and no others. */
  loads: string[];
  stdin?: string;
  /** It runs until it is told to stop; this is what it prints when everything is loaded. */
  until?: RegExp;
  /** It needs a terminal. */
  terminal?: boolean;
}

/** Every command, called so that it does its work, with a gateway running in the same folder. */
const CASES: Record<string, Case[]> = {
  '': [
    { args: ['--version'], loads: [] },
    { args: ['--help'], loads: [] },
    { args: ['no-such-command'], loads: [] },
  ],
  sign: [
    { args: ['sign', '-'], stdin: '{}', loads: [] },
    { args: ['sign', '--help'], loads: PARSED },
  ],
  verify: [
    { args: ['verify', '-', '--signature', 't=1,v1=00'], stdin: '{}', loads: [] },
    { args: ['verify', '--delivery', 'DELIVERY'], loads: ['zod'] },
  ],
  init: [{ args: ['init', '--force'], loads: PARSED }],
  dev: [
    {
      args: ['dev', '--port', '0', '--db', ':memory:'],
      until: /Ctrl-C stops/,
      loads: [...GATEWAY, 'chokidar'],
    },
    {
      args: ['dev', '--tls', '--port', '0', '--db', ':memory:'],
      until: /Ctrl-C stops/,
      loads: [...GATEWAY, ...CERTIFICATES, 'chokidar'],
    },
  ],
  exec: [
    { args: ['exec', '--', 'true'], loads: GATEWAY },
    { args: ['exec', '--tls', '--', 'true'], loads: [...GATEWAY, ...CERTIFICATES] },
  ],
  run: [{ args: ['run', join(ROOT, 'fixtures/scenarios/scored.yaml')], loads: CHECKED }],
  open: [{ args: ['open', '--print'], loads: CHECKED }],
  mcp: [{ args: ['mcp'], loads: [...CHECKED, '@modelcontextprotocol/sdk'] }],
  send: [{ args: ['send', 'candidate.created', '--wait'], loads: CHECKED }],
  trigger: [{ args: ['trigger', 'candidate.created', '--url', 'RECEIVER'], loads: CHECKED }],
  check: [{ args: ['check', 'RECEIVER', '--timeout', '2s'], loads: CHECKED }],
  listen: [
    { args: ['listen', '--port', '0'], until: /http:/, loads: PARSED },
    { args: ['listen', '--tls', '--port', '0'], until: /https:/, loads: [...PARSED, ...CERTIFICATES] },
  ],
  deliveries: [
    { args: ['deliveries'], loads: CHECKED },
    { args: ['deliveries', 'show', 'DELIVERY'], loads: CHECKED },
  ],
  inspect: [{ args: ['inspect'], terminal: true, until: /candidate/, loads: [...CHECKED, 'ink', 'react'] }],
  replay: [{ args: ['replay', 'DELIVERY'], loads: CHECKED }],
  diff: [{ args: ['diff', 'DELIVERY', 'DELIVERY'], loads: CHECKED }],
  trace: [{ args: ['trace', 'REFERENCE'], loads: CHECKED }],
  report: [{ args: ['report', 'REFERENCE'], loads: CHECKED }],
  clock: [{ args: ['clock'], loads: CHECKED }],
  fault: [{ args: ['fault', 'add', 'status-503'], loads: CHECKED }],
  jobs: [{ args: ['jobs'], loads: CHECKED }],
  events: [
    { args: ['events'], loads: PARSED },
    { args: ['events', 'candidate.created', '--direction', 'incoming', '--sample'], loads: PARSED },
    { args: ['events', 'candidate.created', '--direction', 'incoming', '--schema'], loads: CHECKED },
  ],
  assumptions: [
    { args: ['assumptions'], loads: CHECKED },
    { args: ['assumptions', 'check', RECORDING], loads: CHECKED },
  ],
  workspace: [{ args: ['workspace', 'list'], loads: CHECKED }],
  meeting: [{ args: ['meeting', 'record', '--candidate', 'c-1'], loads: CHECKED }],
  config: [{ args: ['config', 'show'], loads: CHECKED }],
  snapshot: [{ args: ['snapshot', 'save', 'FOLDER/a.db'], loads: PARSED }],
  reset: [{ args: ['reset', '--yes'], loads: CHECKED }],
  env: [{ args: ['env'], loads: CHECKED }],
  completion: [{ args: ['completion', 'bash'], loads: PARSED }],
  status: [{ args: ['status'], loads: CHECKED }],
  doctor: [{ args: ['doctor'], loads: [...CHECKED, 'better-sqlite3'] }],
};

test('every command is in the table', () => {
  expect(Object.keys(CASES).sort()).toEqual(['', ...Object.keys(COMMANDS)].sort());
});

test('what the gateway answers with is there once, in a file of its own', () => {
  const contents: Record<string, string[]> = JSON.parse(readFileSync(join(DIST, 'contents.json'), 'utf8'));
  const files = Object.keys(contents).filter((file) => contents[file]!.includes('express'));
  expect(files).toEqual(['dist/packages/express.cjs']);
});

test('what explains a wrong signature is no part of what the gateway starts with', () => {
  const files = ['signing.cjs', ...readdirSync(join(DIST, 'gateway')).map((name) => `gateway/${name}`)];
  // Only the diagnosis has these words.
  const found = files.filter((name) =>
    readFileSync(join(DIST, name), 'utf8').includes('the same JSON written again'),
  );
  expect(found).toEqual(['signing.cjs']);
});

/** Files of dist/ and of node_modules that a process loaded, as packages. */
function packagesLoaded(log: string): { packages: string[]; files: string[] } {
  const contents: Record<string, string[]> = JSON.parse(readFileSync(join(DIST, 'contents.json'), 'utf8'));
  const paths = [...new Set(readFileSync(log, 'utf8').trim().split('\n'))].map((url) => fileURLToPath(url));
  const files = paths.filter((path) => path !== HOOK).map((path) => path.replace(`${ROOT}/`, ''));
  const packages = files.flatMap((file) => {
    const installed = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1];
    if (installed !== undefined) return [installed];
    if (file === 'bin/carvos.cjs') return [];
    return contents[file] ?? expect.fail(`${file} is not in dist/contents.json: build again`);
  });
  return { packages: [...new Set(packages)], files };
}

const havePython = havePrograms('what inspect loads', 'python3');

test('each command loads the heavy packages that it needs, and no others', async () => {
  const folder = tempFolder();
  const started = spawnProgram(process.execPath, [CARVOS, 'dev', '--port', '0'], { cwd: folder });
  const [receiver] = await started.waitForText(/http:\/\/127\.0\.0\.1:\d+(?=.*built-in)/);
  await started.waitUntil(() => existsSync(join(folder, '.carvos/emulator.json')), 'emulator.json');
  const run = (args: string[]) => runProgram(process.execPath, [CARVOS, ...args], { cwd: folder });
  const sent = JSON.parse((await run(['send', 'candidate.created', '--wait', '--json'])).stdout);
  const names: Record<string, string> = {
    RECEIVER: receiver,
    REFERENCE: sent.reference_id,
    DELIVERY: sent.deliveries[0].id,
    FOLDER: folder,
  };

  const wrong: string[] = [];
  for (const [index, one] of Object.values(CASES).flat().entries()) {
    if (one.terminal && !havePython) continue;
    const log = join(folder, `loads-${index}`);
    const env = { NODE_OPTIONS: `--require="${HOOK}"`, LOADS_FILE: log, TERM: 'xterm' };
    const args = [CARVOS, ...one.args.map((arg) => arg.replace(/[A-Z]{3,}/, (name) => names[name] ?? name))];
    const settings = { cwd: folder, env, input: one.stdin };
    const program = one.terminal
      ? spawnProgram('python3', ['-c', PTY, process.execPath, ...args], settings)
      : spawnProgram(process.execPath, args, settings);
    if (one.until !== undefined) {
      await program.waitForText(one.until);
      program.kill('SIGTERM');
    }
    await program.waitForExit();
    const { packages, files } = packagesLoaded(log);
    const loads = HEAVY.filter((name) => packages.includes(name));
    if (loads.join() !== [...one.loads].sort().join()) {
      wrong.push(`${one.args.join(' ')}\n  loads ${loads}, not ${[...one.loads].sort()}, in ${files.join(' ')}
  ${program.stdout.slice(0, 200)} ${program.stderr.slice(0, 400)}`);
    }
  }
  expect(wrong.join('\n')).toBe('');
}, 180_000);

/** Runs a program on a terminal of its own; what it writes there comes out here. */
const PTY = `
import fcntl, os, pty, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
import signal
signal.signal(signal.SIGTERM, lambda *_: os.write(fd, b"q"))
try:
    while data := os.read(fd, 65536):
        os.write(1, data)
except OSError:
    pass
os.waitpid(pid, 0)
`;
