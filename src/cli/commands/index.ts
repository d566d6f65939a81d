import type { Command } from 'commander';
import type { Io } from '../terminal/io.ts';

/** What each file in this folder exports. The entry makes the `Command`, so that no file imports commander. */
export interface CommandModule {
  define(command: Command, io: Io): void;
}

export interface CommandEntry {
  summary: string;
  load(): Promise<CommandModule>;
}

/** Every command, in the order in which the help shows them. Only the one that is called is loaded. */
export const COMMANDS: Record<string, CommandEntry> = {
  init: { summary: 'write carvos.config.json and .env with fresh secrets', load: () => import('./init.ts') },
  dev: { summary: 'run the gateway', load: () => import('./dev.ts') },
  exec: {
    summary: 'run a command, such as your tests, beside a gateway of its own',
    load: () => import('./exec.ts'),
  },
  send: { summary: 'sign and send incoming events (ATS → CarvOS)', load: () => import('./send.ts') },
  trigger: { summary: 'send one outgoing test event to your receiver', load: () => import('./trigger.ts') },
  check: {
    summary: 'probe your receiver as a sender and an attacker would',
    load: () => import('./check.ts'),
  },
  listen: { summary: 'a receiver that verifies and prints', load: () => import('./listen.ts') },
  sign: { summary: 'print the signature of a body', load: () => import('./sign.ts') },
  verify: { summary: 'check a signature, and say why it fails', load: () => import('./verify.ts') },
  deliveries: { summary: 'the delivery log', load: () => import('./deliveries.ts') },
  inspect: { summary: 'the log as a screen: look, replay, edit, send', load: () => import('./inspect.ts') },
  replay: { summary: 'deliver again, signed anew', load: () => import('./replay.ts') },
  diff: { summary: 'what differs between two deliveries', load: () => import('./diff.ts') },
  trace: { summary: 'what one reference_id caused, step by step', load: () => import('./trace.ts') },
  report: { summary: 'the same as Markdown for support, redacted', load: () => import('./report.ts') },
  clock: { summary: 'the retry schedule: pause, advance, next', load: () => import('./clock.ts') },
  fault: { summary: 'faults on purpose: add, list, clear', load: () => import('./fault.ts') },
  jobs: { summary: 'jobs at the AI: list, run a failed one again', load: () => import('./jobs.ts') },
  events: { summary: 'the catalogue of events, with samples and schemas', load: () => import('./events.ts') },
  assumptions: {
    summary: 'what your traffic relied on that CarvOS does not document',
    load: () => import('./assumptions.ts'),
  },
  workspace: { summary: 'list and add workspaces and members', load: () => import('./workspace.ts') },
  meeting: {
    summary: 'make a meeting happen: transcript, summary and notes',
    load: () => import('./meeting.ts'),
  },
  config: { summary: 'show, set and rotate what the portal has', load: () => import('./config.ts') },
  snapshot: { summary: 'the whole state as one file: save, restore', load: () => import('./snapshot.ts') },
  reset: { summary: 'back to empty', load: () => import('./reset.ts') },
  env: { summary: 'the settings that a receiver needs, ready to paste', load: () => import('./env.ts') },
  completion: {
    summary: 'a completion script for bash, zsh or fish',
    load: () => import('./completion.ts'),
  },
  status: { summary: 'is the gateway running, where, and what it holds', load: () => import('./status.ts') },
};
