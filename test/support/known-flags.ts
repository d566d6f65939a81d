import { expect } from 'vitest';
import { createCommand } from '../../src/cli/command-line/create-command.ts';
import { defaultCommand } from '../../src/cli/command-line/format-help.ts';
import { COMMANDS } from '../../src/cli/commands/index.ts';
import { createIo } from '../../src/cli/terminal/io.ts';

/** Fails where a call, without `carvos` in front, names a command or a flag that does not exist. */
export async function expectKnownFlags(call: string): Promise<void> {
  const [line = ''] = call.split(/ -- /);
  const [name = '', ...rest] = line.split(/\s+/);
  if (name.startsWith('-')) return;
  expect(Object.keys(COMMANDS)).toContain(name);
  const command = await createCommand(name, createIo());
  const child = command.commands.find((one) => one.name() === rest[0]);
  const called = child ?? defaultCommand(command) ?? command;
  const flags = rest.filter((word) => word.startsWith('--')).map((word) => word.split('=')[0]!);
  expect(called.options.map(({ long }) => long)).toEqual(expect.arrayContaining(flags));
}
