import { join } from 'node:path';
import { Command } from 'commander';
import { COMMANDS } from '../../src/cli/commands/index.ts';
import { createIo } from '../../src/cli/terminal/io.ts';
import type { startDemoGateway } from './demo-gateway.ts';
import { tempFolder } from './folder.ts';
import { startRecordingServer } from './receiver.ts';
import { fixturePath } from './uploads.ts';

export const KEY = { CARVOS_API_KEY: 'key-of-demo-ats' };
/** Of `{}` with the secret `s`, by `printf '1.{}' | openssl dgst -sha256 -hmac s`. */
const SIGNED = 't=1,v1=b253639bcd705ed1cda3073f66104f16988bd40272584dea7d0d345ae93e61cc';
/** What `curl -v` prints of a webhook without a signature, at a gateway that is not ours. */
const REFUSED =
  '> POST /v1/webhooks/a HTTP/1.1\n>\n< HTTP/1.1 403 Forbidden\n<\n{"detail":"Invalid signature"}';
const SCENARIO = join(import.meta.dirname, '../../fixtures/scenarios/scored.yaml');
const PERSON = ['--name', 'N', '--admin-name', 'A', '--admin-email', 'a@b.example'];
const MEMBER = ['--user-id', 'u', '--name', 'U', '--email', 'u@b.example'];

export type Gateway = Awaited<ReturnType<typeof startDemoGateway>>;

export interface Invocation {
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
export const INVOCATIONS: Record<string, Invocation[]> = {
  init: [
    { ...just('init'), alone: true },
    { ...just('init', '--kit', 'pytest'), alone: true },
  ],
  dev: [{ ...just('dev', '--port', '0', '--db', ':memory:'), alone: true, until: 1 }],
  run: [
    { ...just('run', SCENARIO), alone: true },
    { ...just('run', 'none.yaml'), code: 2, documents: 0 },
    {
      args: async ({ deliver }) => ['run', '--record', 'new.yaml', (await deliver()).id],
    },
  ],
  mcp: [{ ...just('mcp'), documents: 0 }],
  open: [just('open', '--print')],
  doctor: [just('doctor')],
  exec: [
    { ...just('exec', '--', 'true'), alone: true, documents: 0, onStderr: true },
    { ...just('exec', '--soak', '0s', '--', 'true'), alone: true, documents: 0, onStderr: true },
  ],
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
    {
      ...just(
        'send',
        'candidate.created',
        '--expect',
        'data.no.such=1',
        '--expect',
        'event=candidate.deleted',
      ),
      code: 1,
    },
    // The job fails: nothing is known of the candidate.
    { ...just('send', 'application.created', '--wait', '--until', 'first-attempt'), code: 1 },
    just('send', 'candidate.created', '--cv', fixturePath('cv-nl.pdf')),
    { ...just('send', 'candidate.created', '--cv', import.meta.filename), code: 4 },
    { ...just('send', 'candidate.created', '--client-id', 'nobody'), code: 4 },
    { ...just('send', 'candidate.created', '--url', 'http://127.0.0.1:1'), code: 5 },
    just('send', 'candidate.created', '--dry-run'),
    { ...just('send', 'candidate.created', '--repeat', '2', '--dry-run'), documents: 2 },
    { ...just('send', '-', '--ndjson', '--dry-run'), stdin: '{"event":"x"}\n{"event":"y"}\n', documents: 2 },
    ...['--dry-run', '--curl'].map((flag) => ({
      ...just('send', '-', '--ndjson', flag),
      stdin: '{"event":"x"}\nwrong\n{"event":"y"}\n',
      code: 2,
      documents: 3,
    })),
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
      ...just(
        'verify',
        '--signature',
        SIGNED,
        '--secret',
        's',
        '--computed',
        '0'.repeat(64),
        '--budget',
        '1k',
      ),
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
  'assumptions list': [just('assumptions'), just('assumptions', '--all')],
  'assumptions check': [
    {
      args: () => ['assumptions', 'check', join(tempFolder({ 'curl.txt': REFUSED }), 'curl.txt')],
      alone: true,
      code: 1,
    },
  ],
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
  'snapshot restore': [just('snapshot', 'restore', 'state.db', '--yes')],
  reset: [just('reset', '--yes')],
  env: [just('env'), just('env', '--format', 'github')],
  completion: [just('completion', 'zsh')],
  status: [just('status')],
};

/** Every command that does something, out of the real list: `clock`, `clock pause`, … */
export async function listCommands(): Promise<string[]> {
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
