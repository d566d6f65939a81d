import { expect, test } from 'vitest';
import { callCommand } from '../../../src/cli/mcp/call-command.ts';
import { createIo, type Io } from '../../../src/cli/terminal/io.ts';

/** What a command is told whose call is taken back before it runs, before it listens for signals, or after. */
async function told(abortAt: 'before' | 'between' | 'after'): Promise<string[]> {
  const said: string[] = [];
  const stop = new AbortController();
  const command: Io['call'] = async (_argv, io) => {
    said.push('runs');
    if (abortAt === 'between') stop.abort();
    await Promise.resolve();
    io.onSignal = (signal) => said.push(signal);
    if (abortAt === 'after') stop.abort();
    io.onSignal = null;
  };
  if (abortAt === 'before') stop.abort();
  const settings = { signal: stop.signal, config: undefined };
  await callCommand(createIo(command), ['send'], settings).catch((error: Error) => said.push(error.name));
  return said;
}

test('a call that is taken back ends its command, whenever that is', async () => {
  expect(await told('before')).toEqual(['CliError']);
  expect((await told('between')).sort()).toEqual(['CliError', 'SIGTERM', 'runs']);
  expect(await told('after')).toEqual(['runs', 'SIGTERM']);
});
