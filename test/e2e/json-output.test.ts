import { Command } from 'commander';
import { expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands/index.ts';
import { createIo } from '../../src/cli/io.ts';
import { startCarvos } from '../cli/run-carvos.ts';
import { startDemoGateway } from '../support/demo-gateway.ts';
import { startRecordingServer } from '../support/recording-server.ts';
import { runCli } from '../support/run-cli.ts';
import { tempFolder } from '../support/temp-folder.ts';

const KEY = { CARVOS_API_KEY: 'key-of-demo-ats' };
const PERSON = ['--name', 'N', '--admin-name', 'A', '--admin-email', 'a@b.example'];

type Gateway = Awaited<ReturnType<typeof startDemoGateway>>;

interface Invocation {
  args(gateway: Gateway): string[] | Promise<string[]>;
  stdin?: string;
  /** 0 by default. */
  code?: number;
  /** Documents are the rule; a command that is none prints nothing. */
  documents?: number;
  /** In a folder of its own. */
  alone?: boolean;
  /** Runs until it is interrupted, which happens once this many documents are there. */
  until?: number;
}

const just = (...args: string[]): Invocation => ({ args: () => args });

/** How each command is run, by its whole name. A command without an entry fails the test below. */
const INVOCATIONS: Record<string, Invocation[]> = {
  init: [{ ...just('init'), alone: true }],
  dev: [{ ...just('dev', '--port', '0', '--db', ':memory:'), alone: true, until: 1 }],
  // Standard output is the command's.
  exec: [{ ...just('exec', '--', 'true'), alone: true, documents: 0 }],
  check: [
    {
      args: async () => {
        const { url } = await startRecordingServer(() => ({ status: 200 }));
        return ['check', url, '--only', 'missing-signature'];
      },
      code: 1,
      alone: true,
    },
  ],
  send: [
    just('send', 'candidate.created'),
    just('send', 'candidate.created', '--wait'),
    just('send', 'candidate.created', '--expect', 'status=success'),
    just('send', 'candidate.created', '--dry-run'),
    just('send', 'candidate.created', '--curl', '--via', 'rest'),
    { ...just('send', 'candidate.created', '--repeat', '3'), documents: 3 },
    { ...just('send', '-'), stdin: '{"event":"x"}\nwrong\n{"event":"y"}\n', code: 2, documents: 3 },
    { ...just('send', 'candidate.created', '--misbehave', 'duplicate') },
    { ...just('send', 'nonsense'), code: 2, documents: 0 },
  ],
  trigger: [just('trigger', 'candidate.created')],
  listen: [{ ...just('listen', '--port', '0'), until: 1 }],
  sign: [{ ...just('sign'), stdin: '{}' }],
  verify: [{ ...just('verify', '--signature', `t=1,v1=${'0'.repeat(64)}`), stdin: '{}', code: 3 }],
  'deliveries list': [just('deliveries'), { ...just('deliveries', '--follow'), until: 1 }],
  'deliveries show': [
    { args: async ({ deliver }) => ['deliveries', 'show', (await deliver()).id] },
    { args: async ({ deliver }) => ['deliveries', 'show', (await deliver()).id, '--curl'] },
  ],
  inspect: [{ ...just('inspect'), code: 2, documents: 0 }],
  replay: [{ args: async ({ deliver }) => ['replay', (await deliver()).id] }],
  diff: [{ args: async ({ deliver }) => ['diff', (await deliver()).id, (await deliver()).id] }],
  trace: [{ args: async ({ deliver }) => ['trace', (await deliver()).reference_id] }],
  report: [{ args: async ({ deliver }) => ['report', (await deliver()).reference_id] }],
  clock: [just('clock')],
  'clock pause': [just('clock', 'pause')],
  'clock resume': [just('clock', 'resume')],
  'clock advance': [just('clock', 'advance', '1m')],
  'clock next': [just('clock', 'next')],
  'clock drain': [just('clock', 'drain')],
  'clock speed': [just('clock', 'speed', '60')],
  'fault list': [just('fault')],
  'fault add': [just('fault', 'add', 'status-503', '--count', '1', '--event', 'vacancy.deleted')],
  'fault clear': [just('fault', 'clear')],
  'jobs list': [just('jobs')],
  'jobs rerun': [
    {
      args: async ({ deliver, carvos }) => {
        await deliver({ email: 'jane+ai-fail@example.com' });
        const { stdout } = await carvos('jobs', '--state', 'failed', '--json');
        return ['jobs', 'rerun', JSON.parse(stdout).items[0].id];
      },
    },
  ],
  events: [
    just('events'),
    just('events', 'candidate.created', '--direction', 'outgoing'),
    just('events', 'candidate.created', '--direction', 'outgoing', '--schema'),
    just('events', 'candidate.created', '--direction', 'incoming', '--sample'),
  ],
  assumptions: [just('assumptions'), just('assumptions', '--all')],
  'workspace list': [just('workspace')],
  'workspace add': [
    just('workspace', 'add', 'w1', ...PERSON),
    just('workspace', 'add', 'w2', ...PERSON, '--via', 'rest', '--wait'),
  ],
  'workspace member-add': [
    just('workspace', 'member-add', 'acme-corp', '--user-id', 'u', '--name', 'U', '--email', 'u@b.example'),
  ],
  'meeting record': [just('meeting', 'record', '--client-id', 'acme-corp', '--wait')],
  'config show': [
    just('config', 'show'),
    just('config', 'show', '--origin'),
    just('config', 'show', '--audit'),
  ],
  'config set': [just('config', 'set', 'name', 'Another name')],
  'config rotate': [just('config', 'rotate', 'outgoing-secret')],
  'snapshot save': [just('snapshot', 'save', 'state.db')],
  'snapshot restore': [just('snapshot', 'restore', 'state.db')],
  reset: [just('reset', '--yes')],
  env: [just('env'), just('env', '--format', 'github')],
  status: [just('status')],
};

/** Every command that does something, out of the real list: `clock`, `clock pause`, … */
async function listCommands(): Promise<string[]> {
  const names: string[] = [];
  for (const [name, { load }] of Object.entries(COMMANDS)) {
    const command = new Command(name);
    (await load()).define(command, createIo());
    if (command.commands.length === 0 || hasAction(command)) names.push(name);
    names.push(...command.commands.map((child) => `${name} ${child.name()}`));
  }
  return names;
}

function hasAction(command: Command): boolean {
  return (command as unknown as { _actionHandler: unknown })._actionHandler != null;
}

test('under --json, standard output of every command carries JSON with a version, and nothing else', async () => {
  const commands = await listCommands();
  expect(commands).toEqual(expect.arrayContaining(['send', 'clock', 'clock pause', 'config rotate']));
  expect(commands.filter((name) => !(name in INVOCATIONS))).toEqual([]);

  const gateway = await startDemoGateway();
  for (const name of commands) {
    for (const one of INVOCATIONS[name]!) {
      const given = await one.args(gateway);
      const end = given.indexOf('--');
      const args = end === -1 ? [...given, '--json'] : given.toSpliced(end, 0, '--json');
      const cwd = one.alone ? tempFolder() : gateway.cwd;
      const result =
        one.until === undefined
          ? await runCli(args, { cwd, env: KEY, stdin: one.stdin })
          : await interrupt(args, cwd, one.until);
      const label = `carvos ${args.join(' ')}: ${result.stderr}`;
      expect.soft(result.code, label).toBe(one.code ?? 0);
      const lines = result.stdout.split('\n');
      expect.soft(lines.pop(), label).toBe('');
      if (one.until === undefined) expect.soft(lines.length, label).toBe(one.documents ?? 1);
      for (const line of lines) expect.soft(versionOf(line), label).toBe(1);
      // Durations are rounded where they leave, to a tenth at the most.
      expect.soft(result.stdout, label).not.toMatch(/_ms":-?\d+\.\d{2}/);
    }
  }
}, 180_000);

test('what is asked for in a wrong way leaves standard output empty', async () => {
  for (const name of Object.keys(COMMANDS)) {
    const { code, stdout, stderr } = await runCli([name, '--no-such-flag', '--json'], { cwd: tempFolder() });
    expect.soft({ code, stdout }, name).toEqual({ code: 2, stdout: '' });
    expect.soft(stderr, name).toContain('no-such-flag');
  }
}, 60_000);

async function interrupt(args: string[], cwd: string, documents: number) {
  const carvos = startCarvos(args, { cwd, env: KEY });
  await carvos.waitFor(new RegExp(`(?:.*\\n){${documents}}`));
  carvos.child.kill('SIGINT');
  return carvos.ended;
}

/** Of one JSON object; a text that says what is there instead otherwise. */
function versionOf(line: string): unknown {
  try {
    const value = JSON.parse(line);
    return Array.isArray(value) || value === null
      ? `no object: ${line}`
      : (value.version ?? `no version: ${line}`);
  } catch {
    return `no JSON: ${line}`;
  }
}
