import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod';
import { VERSION } from '../../contract/version.ts';
import type { Io } from '../terminal/io.ts';
import type { Answer } from './call-tool.ts';
import type { Tool } from './tool.ts';

/** How an assistant is told to work with these tools. */
const INSTRUCTIONS = `carvos is a local CarvOS gateway: an ATS sends signed events to it, and it sends signed webhooks to the ATS's receiver.
Change the receiver, send an event (or replay the failed delivery), and read \`why\`: it names the mistake and what to change.
exit_code is that of the command line: 0 as asked for, 1 the receiver did not accept or an expectation does not hold, 2 wrong use or no gateway runs (start: carvos dev), 3 a signature does not verify, 4 refused, 5 unreachable, 6 gave up waiting.`;

/** Most that stands on one line of input: what carvos takes is a body of 1 MiB. */
const MAX_LINE_BYTES = 4 * 1024 * 1024;

/**
 * Speaks the Model Context Protocol over standard input and output until the input ends, which waits for answers that
 * are in flight, or a signal comes, which does not.
 */
export async function serveMcp(
  io: Io,
  tools: readonly Tool[],
  call: (name: string, args: unknown, signal: AbortSignal) => Promise<Answer>,
): Promise<void> {
  const server = new Server(
    { name: 'carvos', version: VERSION },
    { capabilities: { tools: {} }, instructions: INSTRUCTIONS },
  );
  const transport = new StdioServerTransport(io.stdin, io.stdout, { maxBufferSize: MAX_LINE_BYTES });
  const stop = new AbortController();
  const inFlight = new Set<Promise<unknown>>();

  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: tools.map(describeTool) }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, { signal }) => {
    const answer = call(params.name, params.arguments, AbortSignal.any([signal, stop.signal]));
    inFlight.add(answer);
    const { isError, text } = await answer.finally(() => inFlight.delete(answer));
    return { isError, content: [{ type: 'text' as const, text }] };
  });
  server.onerror = (error) => io.warn?.(`carvos mcp: ${error.message.split('\n')[0]}`);

  let isStopped = false;
  const ended = new Promise<void>((resolve) => {
    server.onclose = resolve;
    io.onSignal = () => {
      isStopped = true;
      resolve();
    };
    // Answers to what came before the end are written first.
    io.stdin.once('end', () =>
      setImmediate(() => Promise.allSettled(inFlight).then(() => setImmediate(resolve))),
    );
  });
  await server.connect(transport);
  await ended;
  stop.abort();
  await Promise.allSettled(inFlight);
  await server.close();
  // What a command that hears no signal still waits for is not waited for.
  if (isStopped) process.exit(io.exitCode);
}

function describeTool({ name, title, description, writes, input }: Tool) {
  const annotations = { readOnlyHint: !writes, destructiveHint: false, openWorldHint: false };
  const inputSchema = z.toJSONSchema(input, { io: 'input' }) as { type: 'object' };
  return { name, title, description, inputSchema, annotations };
}
