import type { Command } from 'commander';
import { loadValidConfig } from '../config/load.ts';
import { withEmulator } from '../connect/with-emulator.ts';
import { callCommand } from '../mcp/call-command.ts';
import { callTool } from '../mcp/call-tool.ts';
import { LOOK_TOOLS } from '../mcp/look-tools.ts';
import { serveMcp } from '../mcp/serve.ts';
import type { Session } from '../mcp/tool.ts';
import { WRITE_TOOLS } from '../mcp/write-tools.ts';
import { CliError, EXIT } from '../terminal/errors.ts';
import type { Io } from '../terminal/io.ts';
import { createOutput, type GlobalOptions } from '../terminal/output.ts';

const TOOLS = [...LOOK_TOOLS, ...WRITE_TOOLS];

export function define(command: Command, io: Io): void {
  command
    .option('--allow-write', 'also what sends or changes something: send, replay, clock, fault, run')
    .addHelpText(
      'after',
      `
Speaks the Model Context Protocol (MCP) on standard input and output, for an assistant that writes your
integration. It asks the gateway of this folder, as the commands do, and sends to nothing but loopback and
private addresses. Ends with its input, or by a signal.

In the settings of the assistant:
  {"mcpServers": {"carvos": {"command": "npx", "args": ["carvos", "mcp", "--allow-write"]}}}

Examples:
  carvos mcp
  carvos mcp --allow-write`,
    )
    .action(async (options: { allowWrite?: boolean }, self: Command) => {
      const allowWrite = options.allowWrite === true;
      const tools = TOOLS.filter(({ writes }) => allowWrite || !writes);
      await serveMcp(io, tools, (name, args, signal) => {
        const open = (notes: string[]) => openSession(io, self, signal, notes);
        return callTool(TOOLS, name, args, { allowWrite, open });
      });
    });
}

async function openSession(io: Io, command: Command, signal: AbortSignal, notes: string[]): Promise<Session> {
  const { config } = command.optsWithGlobals<GlobalOptions>();
  const output = createOutput(io, command);
  return {
    // Standard output belongs to the protocol.
    io: {
      ...{ stdin: io.stdin, stdout: io.stderr, stderr: io.stderr, env: io.env, cwd: io.cwd },
      ...{ exitCode: 0, onSignal: null, warn: (text) => notes.push(text) },
    },
    config: await loadValidConfig(io, { config }),
    signal,
    output: { ...output, json: true, line() {}, document() {}, note: (text) => notes.push(text) },
    command: (argv, input) => callCommand(io, argv, { input, signal, config }),
    withClient: (task) =>
      withEmulator(io, command, (client) => Promise.race([task(client), rejectAtAbort(signal)])),
  };
}

function rejectAtAbort(signal: AbortSignal): Promise<never> {
  const stopped = () => new CliError('stopped', { exitCode: EXIT.terminated });
  return new Promise((_, reject) => {
    if (signal.aborted) reject(stopped());
    signal.addEventListener('abort', () => reject(stopped()), { once: true });
  });
}
