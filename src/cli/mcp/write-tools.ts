import * as z from 'zod';
import { WaitUntil } from '../../contract/control.ts';
import { ALL_EVENTS, INCOMING_EVENTS } from '../../contract/event-names.ts';
import { FAULT_KINDS, FAULT_POINTS } from '../../contract/faults.ts';
import { FASTEST_SPEED, SLOWEST_SPEED } from '../../contract/limits.ts';
import { loadValidConfig } from '../config/load.ts';
import { DEFAULT_MAX_ECHO } from '../input/max-echo.ts';
import { openGateway } from '../run/gateway.ts';
import { readScenario } from '../run/read-scenario.ts';
import { listFiles, runFiles } from '../run/run-files.ts';
import { SEND_KINDS } from '../send/sign-request.ts';
import { CliError, EXIT } from '../terminal/errors.ts';
import { describeLoop } from '../text/echo.ts';
import { assignments, defining, Fields, flags, resultOf, TimeoutMs, type Tool } from './tool.ts';

/** Tools that send or change something. */
const defineTool = defining({ writes: true });

const MOVES = ['pause', 'resume', 'advance', 'next', 'drain', 'speed'] as const;
const SetFields = Fields.describe('Fields by their paths: {"first_name": "Jane", "cv.carv_file_id": null}');

export const WRITE_TOOLS: readonly Tool[] = [
  defineTool({
    name: 'send',
    title: 'Send an event',
    description:
      'Signs and sends an incoming event as the ATS does: a sample of `event`, or `body`. Waits for the AI job and the first attempt of each delivery that it causes; with `expect`, for all attempts. Each delivery has `why` where the receiver did not accept.',
    input: {
      event: z.enum(INCOMING_EVENTS).optional(),
      body: Fields.optional().describe('A whole event, instead of a sample'),
      set: SetFields.optional(),
      client_id: z.string().optional(),
      user_id: z.string().optional(),
      event_id: z.string().optional(),
      ats_id: z.string().optional(),
      via: z.enum(['webhook', 'rest']).optional(),
      fault: z
        .enum(SEND_KINDS as [string, ...string[]])
        .optional()
        .describe('Send it with a fault'),
      wait: z.boolean().default(true),
      until: WaitUntil.optional().describe('settled also waits for the retries'),
      expect: z
        .array(z.string())
        .default([])
        .describe('What must hold on one delivery: outcome=delivered, data.score>=40, attempts<=3'),
      timeout_ms: TimeoutMs,
    },
    async run({ command }, { event, body, set, wait, until, expect, timeout_ms, via, fault, ...ids }) {
      if ((event === undefined) === (body === undefined)) throw new CliError('give event or body');
      const given = [
        ...assignments(set),
        ...flags({ via, fault, timeout: `${timeout_ms}ms`, ...ids }),
        ...expect.map((one) => `--expect=${one}`),
        ...(wait ? flags({ until: until ?? (expect.length > 0 ? 'settled' : 'first-attempt') }) : []),
      ];
      return resultOf(await command(['send', ...given, '--', event ?? '-'], body && JSON.stringify(body)));
    },
  }),
  defineTool({
    name: 'replay',
    title: 'Replay a delivery',
    description: 'Delivers again, signed anew, once: after a receiver was mended, is it accepted now?',
    input: {
      delivery: z.string().describe('dlv_…'),
      to: z
        .string()
        .optional()
        .describe('Another receiver on this machine or a private network: URL, host:port or port'),
      original: z.boolean().default(false).describe('Send the recorded signature instead'),
      set: SetFields.optional(),
    },
    async run({ command }, { delivery, to, original, set }) {
      const given = [...flags({ to }), ...(original ? ['--original'] : []), ...assignments(set)];
      return resultOf(await command(['replay', ...given, '--', delivery]));
    },
  }),
  defineTool({
    name: 'clock',
    title: 'Move the clock',
    description:
      'The retry schedule: pause, resume, advance by ms, next (the next due attempt), drain (all pending attempts), speed (a factor, max or manual). status shows it.',
    input: {
      move: z.enum(MOVES),
      ms: z.int().min(1).optional().describe('Schedule time, for advance'),
      speed: z
        .union([z.number().min(SLOWEST_SPEED).max(FASTEST_SPEED), z.enum(['max', 'manual'])])
        .optional()
        .describe('For speed'),
    },
    async run({ command }, { move, ms, speed }) {
      const argument = move === 'advance' ? (ms === undefined ? undefined : `${ms}ms`) : speed;
      if ((move === 'advance' || move === 'speed') && argument === undefined)
        throw new CliError(`${move} needs ${move === 'advance' ? 'ms' : 'speed'}`);
      const rest = move === 'advance' || move === 'speed' ? ['--', String(argument)] : [];
      return resultOf(await command(['clock', move, ...rest]));
    },
  }),
  defineTool({
    name: 'fault',
    title: 'Faults on purpose',
    description:
      'Adds a fault, as a receiver that is down for the first two attempts: {"action": "add", "kind": "status-503", "first": 2}; or clears one or all.',
    input: {
      action: z.enum(['add', 'clear']),
      id: z.string().optional().describe('Its name, for clearing it; without one, clear clears all'),
      kind: z.enum(FAULT_KINDS as [string, ...string[]]).optional(),
      on: z.enum(FAULT_POINTS).optional().describe('delivery by default'),
      event: z.enum(ALL_EVENTS as [string, ...string[]]).optional(),
      client_id: z.string().optional(),
      share: z.number().gt(0).max(1).optional(),
      first: z.int().min(1).optional().describe('How many of the first attempts of each event'),
      count: z.int().min(1).optional(),
      delay_ms: z.int().min(1).optional(),
      retry_after: z.int().min(0).optional(),
    },
    async run({ command }, { action, id, kind, delay_ms, ...rule }) {
      if (action === 'clear')
        return resultOf(await command(['fault', 'clear', '--', ...(id === undefined ? [] : [id])]));
      if (kind === undefined)
        throw new CliError('add needs kind', { next: `one of ${FAULT_KINDS.join(', ')}` });
      const delay = delay_ms === undefined ? undefined : `${delay_ms}ms`;
      return resultOf(await command(['fault', 'add', ...flags({ ...rule, id, delay }), '--', kind]));
    },
  }),
  defineTool({
    name: 'run',
    title: 'Run scenarios',
    description:
      'Runs scenario files or folders against the gateway that runs here, or one of its own, and says which step failed and why. Steps that start a command, write a file, or lead beyond this machine and private networks, are refused.',
    input: {
      files: z.array(z.string().min(1)).min(1).max(100),
      ats_id: z.string().optional(),
      timeout_ms: TimeoutMs,
    },
    async run({ io, config, output, signal }, { files, ats_id: atsId, timeout_ms }) {
      const loop = new AbortController();
      const scenarios = await Promise.all(listFiles(io, files).map((file) => readScenario(io, file)));
      const chosen = await loadValidConfig(io, { config: config.file?.path, atsId });
      const gateway = await openGateway(io, chosen, { atsId });
      try {
        const reports = await runFiles(io, output, gateway, scenarios, {
          parallel: 1,
          localOnly: true,
          timeoutMs: timeout_ms,
          signal: AbortSignal.any([signal, loop.signal]),
          echo: {
            max: DEFAULT_MAX_ECHO,
            onLoop(trace) {
              for (const line of describeLoop(trace, output.paint)) output.note(line);
              loop.abort();
            },
          },
        });
        const failed = reports.filter(({ ok }) => !ok);
        return {
          exitCode: loop.signal.aborted ? EXIT.notMet : (failed[0]?.exit_code ?? EXIT.ok),
          value: { passed: reports.length - failed.length, failed: failed.length, scenarios: reports },
        };
      } finally {
        await gateway.close();
      }
    },
  }),
];
