import type { Command } from 'commander';
import type { Io } from '../terminal/io.ts';

/** What each file in this folder exports. The entry makes the `Command`, so that no file imports commander. */
export interface CommandModule {
  define(command: Command, io: Io): void;
}

export interface CommandEntry {
  /** Under which heading the help shows it. */
  group: 'Run' | 'Send' | 'Signatures' | 'Look' | 'Steer' | 'Set up';
  summary: string;
  /** Its page in docs/guides. */
  guide: string;
  load(): Promise<CommandModule>;
}

/** Every command, in the order in which the help shows them. Only the one that is called is loaded. */
export const COMMANDS: Record<string, CommandEntry> = {
  dev: { group: 'Run', summary: 'run the gateway', guide: 'receiver', load: () => import('./dev.ts') },
  exec: {
    group: 'Run',
    summary: 'run a command, such as your tests, beside a gateway of its own',
    guide: 'test-suites',
    load: () => import('./exec.ts'),
  },
  run: {
    group: 'Run',
    summary: 'run scenarios: flows as files, with what is expected',
    guide: 'scenarios',
    load: () => import('./run.ts'),
  },
  mcp: {
    group: 'Run',
    summary: 'the tools of an assistant (MCP): look, send, explain, replay',
    guide: 'agents',
    load: () => import('./mcp.ts'),
  },
  listen: {
    group: 'Run',
    summary: 'a receiver that verifies and prints',
    guide: 'receiver',
    load: () => import('./listen.ts'),
  },
  status: {
    group: 'Run',
    summary: 'is the gateway running, where, and what it holds',
    guide: 'other-folders-and-containers',
    load: () => import('./status.ts'),
  },
  send: {
    group: 'Send',
    summary: 'sign and send incoming events (ATS → CarvOS)',
    guide: 'sending',
    load: () => import('./send.ts'),
  },
  trigger: {
    group: 'Send',
    summary: 'send one outgoing test event to your receiver',
    guide: 'checking-a-receiver',
    load: () => import('./trigger.ts'),
  },
  replay: {
    group: 'Send',
    summary: 'deliver again, signed anew',
    guide: 'failed-deliveries',
    load: () => import('./replay.ts'),
  },
  meeting: {
    group: 'Send',
    summary: 'make a meeting happen: transcript, summary and notes',
    guide: 'workspaces-and-meetings',
    load: () => import('./meeting.ts'),
  },
  sign: {
    group: 'Signatures',
    summary: 'print the signature of a body',
    guide: 'signatures',
    load: () => import('./sign.ts'),
  },
  verify: {
    group: 'Signatures',
    summary: 'check a signature, and say why it fails',
    guide: 'signatures',
    load: () => import('./verify.ts'),
  },
  check: {
    group: 'Signatures',
    summary: 'probe your receiver as a sender and an attacker would',
    guide: 'checking-a-receiver',
    load: () => import('./check.ts'),
  },
  open: {
    group: 'Look',
    summary: 'the page of the gateway, in your browser',
    guide: 'page',
    load: () => import('./open.ts'),
  },
  inspect: {
    group: 'Look',
    summary: 'the log as a screen: look, replay, edit, send',
    guide: 'screen',
    load: () => import('./inspect.ts'),
  },
  deliveries: {
    group: 'Look',
    summary: 'the delivery log',
    guide: 'failed-deliveries',
    load: () => import('./deliveries.ts'),
  },
  trace: {
    group: 'Look',
    summary: 'what one reference_id caused, step by step',
    guide: 'failed-deliveries',
    load: () => import('./trace.ts'),
  },
  diff: {
    group: 'Look',
    summary: 'what differs between two deliveries',
    guide: 'failed-deliveries',
    load: () => import('./diff.ts'),
  },
  report: {
    group: 'Look',
    summary: 'the same as Markdown for support, redacted',
    guide: 'failed-deliveries',
    load: () => import('./report.ts'),
  },
  jobs: {
    group: 'Look',
    summary: 'jobs at the AI: list, run a failed one again',
    guide: 'ai-backends',
    load: () => import('./jobs.ts'),
  },
  events: {
    group: 'Look',
    summary: 'the catalogue of events, with samples and schemas',
    guide: 'sending',
    load: () => import('./events.ts'),
  },
  assumptions: {
    group: 'Look',
    summary: 'what your traffic relied on that CarvOS does not document',
    guide: 'going-live',
    load: () => import('./assumptions.ts'),
  },
  clock: {
    group: 'Steer',
    summary: 'the retry schedule: pause, advance, next',
    guide: 'faults-and-clock',
    load: () => import('./clock.ts'),
  },
  fault: {
    group: 'Steer',
    summary: 'faults on purpose: add, list, clear',
    guide: 'faults-and-clock',
    load: () => import('./fault.ts'),
  },
  snapshot: {
    group: 'Steer',
    summary: 'the whole state as one file: save, restore',
    guide: 'other-folders-and-containers',
    load: () => import('./snapshot.ts'),
  },
  reset: {
    group: 'Steer',
    summary: 'back to empty',
    guide: 'other-folders-and-containers',
    load: () => import('./reset.ts'),
  },
  init: {
    group: 'Set up',
    summary: 'write carvos.config.json and .env with fresh secrets',
    guide: 'other-folders-and-containers',
    load: () => import('./init.ts'),
  },
  config: {
    group: 'Set up',
    summary: 'show, set and rotate what the portal has',
    guide: 'workspaces-and-meetings',
    load: () => import('./config.ts'),
  },
  workspace: {
    group: 'Set up',
    summary: 'list and add workspaces and members',
    guide: 'workspaces-and-meetings',
    load: () => import('./workspace.ts'),
  },
  env: {
    group: 'Set up',
    summary: 'the settings that a receiver needs, ready to paste',
    guide: 'receiver',
    load: () => import('./env.ts'),
  },
  completion: {
    group: 'Set up',
    summary: 'a completion script for bash, zsh or fish',
    guide: 'other-folders-and-containers',
    load: () => import('./completion.ts'),
  },
  doctor: {
    group: 'Set up',
    summary: 'what is wrong with this installation, and what to do',
    guide: 'installing',
    load: () => import('./doctor.ts'),
  },
};
