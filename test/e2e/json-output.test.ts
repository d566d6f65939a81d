import { Command } from 'commander';
import { expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands/index.ts';
import { createIo } from '../../src/cli/terminal/io.ts';
import { OUTPUTS } from '../../src/contract/output/catalogue.ts';
import { OUTPUT_VERSION } from '../../src/contract/version.ts';
import { startDemoGateway } from '../support/demo-gateway.ts';
import { tempFolder } from '../support/folder.ts';
import { problemsOf, shapeOf } from '../support/json-schemas.ts';
import { runCli, startCarvos } from '../support/program.ts';
import { startRecordingServer } from '../support/receiver.ts';
import { fixturePath } from '../support/uploads.ts';

const KEY = { CARVOS_API_KEY: 'key-of-demo-ats' };
/** Of `{}` with the secret `s`, by `printf '1.{}' | openssl dgst -sha256 -hmac s`. */
const SIGNED = 't=1,v1=b253639bcd705ed1cda3073f66104f16988bd40272584dea7d0d345ae93e61cc';
const PERSON = ['--name', 'N', '--admin-name', 'A', '--admin-email', 'a@b.example'];
const MEMBER = ['--user-id', 'u', '--name', 'U', '--email', 'u@b.example'];

type Gateway = Awaited<ReturnType<typeof startDemoGateway>>;

interface Invocation {
  args(gateway: Gateway): string[] | Promise<string[]>;
  stdin?: string;
  /** 0 by default. */
  code?: number;
  /** How many documents it prints; one by default. */
  documents?: number;
  /** Standard output is the command's that it runs; its own document is the last line of standard error. */
  onStderr?: true;
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
  exec: [{ ...just('exec', '--', 'true'), alone: true, documents: 0, onStderr: true }],
  check: [
    {
      args: async () => {
        const { url } = await startRecordingServer(() => ({ status: 200 }));
        return ['check', url, '--only', 'missing-signature'];
      },
      code: 1,
      alone: true,
    },
    just('check', '--list'),
    { ...just('check', 'http://127.0.0.1:1', '--only', 'missing-signature'), code: 5, alone: true },
  ],
  send: [
    just('send', 'candidate.created'),
    just('send', 'candidate.created', '--wait'),
    just('send', 'candidate.created', '--expect', 'status=success'),
    { ...just('send', 'candidate.created', '--expect', 'data.no.such=1', '--expect', 'event=x'), code: 1 },
    just('send', 'application.created', '--wait', '--until', 'first-attempt'),
    just('send', 'candidate.created', '--cv', fixturePath('cv-nl.pdf')),
    { ...just('send', 'candidate.created', '--cv', import.meta.filename), code: 4 },
    { ...just('send', 'candidate.created', '--client-id', 'nobody'), code: 4 },
    { ...just('send', 'candidate.created', '--url', 'http://127.0.0.1:1'), code: 5 },
    just('send', 'candidate.created', '--dry-run'),
    { ...just('send', 'candidate.created', '--repeat', '2', '--dry-run'), documents: 2 },
    { ...just('send', '-', '--ndjson', '--dry-run'), stdin: '{"event":"x"}\n{"event":"y"}\n', documents: 2 },
    just('send', 'candidate.created', '--curl', '--via', 'rest'),
    { ...just('send', 'candidate.created', '--repeat', '3'), documents: 3 },
    {
      ...just('send', '-', '--ndjson'),
      stdin: '{"event":"x"}\nwrong\n{"event":"y"}\n',
      code: 2,
      documents: 3,
    },
    { ...just('send', 'candidate.created', '--fault', 'duplicate') },
    { ...just('send', 'nonsense'), code: 2, documents: 0 },
  ],
  trigger: [
    just('trigger', 'candidate.created'),
    { ...just('trigger', 'candidate.created', '--url', 'http://127.0.0.1:1'), code: 5 },
  ],
  listen: [{ ...just('listen', '--port', '0'), until: 1 }],
  sign: [{ ...just('sign'), stdin: '{}' }],
  verify: [
    { ...just('verify', '--signature', `t=1,v1=${'0'.repeat(64)}`), stdin: '{}', code: 3 },
    { ...just('verify', '--signature', 'nonsense'), stdin: '{}', code: 3 },
    { ...just('verify', '--signature', SIGNED, '--secret', 's', '--tolerance', 'off'), stdin: '{}' },
    {
      ...just('verify', '--signature', SIGNED, '--secret', 's', '--computed', '0'.repeat(64)),
      stdin: '{}',
      code: 3,
    },
    { args: async ({ deliver }) => ['verify', '--delivery', (await deliver()).id] },
  ],
  'deliveries list': [just('deliveries'), { ...just('deliveries', '--follow'), until: 1 }],
  'deliveries show': [
    { args: async ({ deliver }) => ['deliveries', 'show', (await deliver()).id] },
    { args: async ({ deliver }) => ['deliveries', 'show', `${(await deliver()).id}/1`] },
    { args: async ({ deliver }) => ['deliveries', 'show', (await deliver()).id, '--curl'] },
  ],
  inspect: [{ ...just('inspect'), code: 2, documents: 0 }],
  replay: [
    { args: async ({ deliver }) => ['replay', (await deliver()).id] },
    just('replay', '--exhausted', '--event', 'vacancy.deleted'),
  ],
  diff: [
    { args: async ({ deliver }) => ['diff', (await deliver()).id, (await deliver()).id] },
    {
      // The same in other bytes, and an attempt of the other direction.
      args: async ({ deliver, control }) => {
        const { id } = await deliver();
        const { items } = await control.log({ direction: 'incoming', limit: 1 });
        return ['diff', items[0]!.id, id];
      },
    },
  ],
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
    just('workspace', 'member-add', 'acme-corp', ...MEMBER),
    just('workspace', 'member-add', 'acme-corp', ...MEMBER, '--via', 'webhook'),
  ],
  'meeting record': [
    just('meeting', 'record', '--client-id', 'acme-corp'),
    just('meeting', 'record', '--client-id', 'acme-corp', '--wait'),
  ],
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
  completion: [just('completion', 'zsh')],
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

test('under --json, every command prints what its schema says, and nothing else', async () => {
  const commands = await listCommands();
  expect(commands).toEqual(expect.arrayContaining(['send', 'clock', 'clock pause', 'config rotate']));
  expect(commands.filter((name) => !(name in INVOCATIONS))).toEqual([]);

  const gateway = await startDemoGateway();
  const untested = new Set(
    OUTPUTS.flatMap((shape) => shape.commands.map((text) => `${shape.name}: ${text}`)),
  );
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
      if (one.onStderr) lines.push(result.stderr.trimEnd().split('\n').at(-1)!);
      for (const line of lines) expect.soft(versionOf(line), label).toBe(OUTPUT_VERSION);
      // Durations are rounded where they leave, to a tenth at the most.
      expect.soft(result.stdout, label).not.toMatch(/_ms":-?\d+\.\d{2}/);
      if (lines.length === 0) continue;
      const shape = shapeOf(name, args);
      expect.soft(shape, `carvos ${name} prints JSON, and no schema says what`).toBeDefined();
      if (shape === undefined) continue;
      for (const line of lines) {
        const value = JSON.parse(line);
        expect.soft(problemsOf(shape.name, value), label).toEqual([]);
        const unnoticed = renamings(value).filter(
          ({ renamed }) => problemsOf(shape.name, renamed).length === 0,
        );
        expect
          .soft(
            unnoticed.map(({ path }) => path),
            label,
          )
          .toEqual([]);
      }
      for (const text of shape.commands) {
        if (text.split(' ').every((word) => name.split(' ').includes(word) || args.includes(word))) {
          untested.delete(`${shape.name}: ${text}`);
        }
      }
    }
  }
  expect([...untested]).toEqual([]);
}, 300_000);

test('what is asked for in a wrong way leaves standard output empty', async () => {
  for (const name of Object.keys(COMMANDS)) {
    const { code, stdout, stderr } = await runCli([name, '--no-such-flag', '--json'], { cwd: tempFolder() });
    expect.soft({ code, stdout }, name).toEqual({ code: 2, stdout: '' });
    expect.soft(stderr, name).toContain('no-such-flag');
  }
}, 60_000);

async function interrupt(args: string[], cwd: string, documents: number) {
  const carvos = startCarvos(args, { cwd, env: KEY });
  await carvos.waitUntil(() => carvos.stdout.split('\n').length > documents, `${documents} lines`);
  carvos.kill('SIGINT');
  return carvos.ended;
}

/** Where names are the user's, or another document's. */
const FREE = new Set(['headers', 'details', 'frameworks', 'sample', 'schema']);

/** The value over and over, each time with another field under another name, at any depth. */
function renamings<T>(value: T, path = ''): { path: string; renamed: T }[] {
  if (Array.isArray(value)) {
    // One item stands for all.
    return value
      .slice(0, 1)
      .flatMap((item, index) =>
        renamings(item, `${path}[]`).map((one) => ({ ...one, renamed: value.with(index, one.renamed) as T })),
      );
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    const { [key]: _, ...rest } = value as Record<string, unknown>;
    const here = { path: `${path}.${key}`, renamed: { ...rest, [`${key}_2`]: member } as T };
    // An answer as it came; elsewhere `response` is a recorded one.
    const asItCame = key === 'response' && !Object.hasOwn(member ?? {}, 'body');
    if (FREE.has(key) || asItCame) return [here];
    const below = renamings(member, here.path).map((one) => ({
      ...one,
      renamed: { ...rest, [key]: one.renamed } as T,
    }));
    return [here, ...below];
  });
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
