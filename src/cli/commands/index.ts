import type { Command } from 'commander';
import type { Io } from '../terminal/io.ts';

/** What each file in this folder exports. The entry makes the `Command`, so that no file imports commander. */
export interface CommandModule {
  define(command: Command, io: Io): void;
}

type Group = 'Run' | 'Send' | 'Signatures' | 'Look' | 'Steer' | 'Set up';

export interface CommandEntry {
  /** Under which heading the help shows it. */
  group: Group;
  summary: string;
  /** Its page in docs/guides. */
  guide: string;
  load(): Promise<CommandModule>;
}

const GROUPS: Record<Group, Record<string, [summary: string, guide: string, load: CommandEntry['load']]>> = {
  Run: {
    dev: ['run the gateway', 'receiver', () => import('./dev.ts')],
    exec: [
      'run a command, such as your tests, beside a gateway of its own',
      'test-suites',
      () => import('./exec.ts'),
    ],
    run: ['run scenarios: flows as files, with what is expected', 'scenarios', () => import('./run.ts')],
    mcp: ['the tools of an assistant (MCP): look, send, explain, replay', 'agents', () => import('./mcp.ts')],
    listen: ['a receiver that verifies and prints', 'receiver', () => import('./listen.ts')],
    status: [
      'is the gateway running, where, and what it holds',
      'other-folders-and-containers',
      () => import('./status.ts'),
    ],
  },
  Send: {
    send: ['sign and send incoming events (ATS → CarvOS)', 'sending', () => import('./send.ts')],
    trigger: [
      'send one outgoing test event to your receiver',
      'checking-a-receiver',
      () => import('./trigger.ts'),
    ],
    replay: ['deliver again, signed anew', 'failed-deliveries', () => import('./replay.ts')],
    meeting: [
      'make a meeting happen: transcript, summary and notes',
      'workspaces-and-meetings',
      () => import('./meeting.ts'),
    ],
  },
  Signatures: {
    sign: ['print the signature of a body', 'signatures', () => import('./sign.ts')],
    verify: ['check a signature, and say why it fails', 'signatures', () => import('./verify.ts')],
    check: [
      'probe your receiver as a sender and an attacker would',
      'checking-a-receiver',
      () => import('./check.ts'),
    ],
  },
  Look: {
    open: ['the page of the gateway, in your browser', 'page', () => import('./open.ts')],
    inspect: ['the log as a screen: look, replay, edit, send', 'screen', () => import('./inspect.ts')],
    deliveries: ['the delivery log', 'failed-deliveries', () => import('./deliveries.ts')],
    trace: ['what one reference_id caused, step by step', 'failed-deliveries', () => import('./trace.ts')],
    diff: ['what differs between two deliveries', 'failed-deliveries', () => import('./diff.ts')],
    report: ['the same as Markdown for support, redacted', 'failed-deliveries', () => import('./report.ts')],
    jobs: ['jobs at the AI: list, run a failed one again', 'ai-backends', () => import('./jobs.ts')],
    events: ['the catalogue of events, with samples and schemas', 'sending', () => import('./events.ts')],
    assumptions: [
      'what your traffic relied on that CarvOS does not document',
      'going-live',
      () => import('./assumptions.ts'),
    ],
  },
  Steer: {
    clock: ['the retry schedule: pause, advance, next', 'faults-and-clock', () => import('./clock.ts')],
    fault: ['faults on purpose: add, list, clear', 'faults-and-clock', () => import('./fault.ts')],
    snapshot: [
      'the whole state as one file: save, restore',
      'other-folders-and-containers',
      () => import('./snapshot.ts'),
    ],
    reset: ['back to empty', 'other-folders-and-containers', () => import('./reset.ts')],
  },
  'Set up': {
    init: [
      'write carvos.config.json and .env with fresh secrets',
      'other-folders-and-containers',
      () => import('./init.ts'),
    ],
    config: [
      'show, set and rotate what the portal has',
      'workspaces-and-meetings',
      () => import('./config.ts'),
    ],
    workspace: [
      'list and add workspaces and members',
      'workspaces-and-meetings',
      () => import('./workspace.ts'),
    ],
    env: ['the settings that a receiver needs, ready to paste', 'receiver', () => import('./env.ts')],
    completion: [
      'a completion script for bash, zsh or fish',
      'other-folders-and-containers',
      () => import('./completion.ts'),
    ],
    doctor: [
      'what is wrong with this installation, and what to do',
      'installing',
      () => import('./doctor.ts'),
    ],
  },
};

/** Every command, in the order in which the help shows them. Only the one that is called is loaded. */
export const COMMANDS: Record<string, CommandEntry> = Object.fromEntries(
  Object.entries(GROUPS).flatMap(([group, rows]) =>
    Object.entries(rows).map(([name, [summary, guide, load]]) => [
      name,
      { group: group as Group, summary, guide, load },
    ]),
  ),
);
