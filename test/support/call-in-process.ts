import { Readable, Writable } from 'node:stream';
import { createCommand } from '../../src/cli/command-line/create-command.ts';
import { parseLight } from '../../src/cli/command-line/parse-light.ts';
import { COMMANDS } from '../../src/cli/commands/index.ts';
import { describeError, isCliError } from '../../src/cli/terminal/errors.ts';
import { EXIT } from '../../src/cli/terminal/exit-codes.ts';
import type { Io } from '../../src/cli/terminal/io.ts';
import { neutralize, neutralizeLine } from '../../src/cli/terminal/neutralize.ts';

export interface Called {
  code: number;
  stdout: string;
  stderr: string;
  /** Both, in the order in which they were written. */
  printed: string;
}

export interface CallSettings {
  cwd: string;
  env: Record<string, string | undefined>;
  stdin?: string;
  terminal?: boolean;
}

/**
 * Runs a command in this process as its entry does: where a hundred calls are looked at, and not how a program starts
 * and ends.
 *
 * @param terminal whether what it prints goes to a terminal.
 */
export async function callInProcess(
  args: readonly string[],
  { cwd, env, stdin = '', terminal = false }: CallSettings,
): Promise<Called> {
  const pieces: { to: 'stdout' | 'stderr'; text: Buffer }[] = [];
  const collect = (to: 'stdout' | 'stderr') => {
    const write = (chunk: Buffer, _encoding: string, done: () => void) => {
      pieces.push({ to, text: Buffer.from(chunk) });
      done();
    };
    const size = terminal ? { isTTY: true, columns: 80, rows: 24 } : {};
    return Object.assign(new Writable({ write }), size) as unknown as NodeJS.WriteStream;
  };
  const stderr = collect('stderr');
  const io: Io = {
    stdin: Readable.from([Buffer.from(stdin)]) as unknown as NodeJS.ReadStream,
    stdout: collect('stdout'),
    stderr,
    env,
    cwd,
    exitCode: EXIT.ok,
    onSignal: null,
    warn: (text) => void stderr.write(`carvos: ${neutralizeLine(text)}\n`),
  };
  const textOf = (to?: 'stdout' | 'stderr') =>
    Buffer.concat(pieces.filter((one) => (to ?? one.to) === one.to).map((one) => one.text)).toString();
  const code = await call(args, io);
  return { code, stdout: textOf('stdout'), stderr: textOf('stderr'), printed: textOf() };
}

async function call([name, ...rest]: readonly string[], io: Io): Promise<number> {
  try {
    const light = name === 'sign' || name === 'verify';
    const start = light ? parseLight(await COMMANDS[name]!.load(), io, rest) : null;
    if (start !== null) await start();
    else await (await createCommand(name!, io)).parseAsync(rest, { from: 'user' });
    return io.exitCode;
  } catch (error) {
    const { code, exitCode, message } = error as { code?: string; exitCode?: number; message: string };
    if (code?.startsWith('commander.')) {
      // Help and version arrive as errors too.
      if (exitCode === 0) return EXIT.ok;
      io.stderr.write(neutralize(`${message}\n`));
      return EXIT.usage;
    }
    io.stderr.write(isCliError(error) ? `${await describeError(error)}\n` : neutralize(`${message}\n`));
    return isCliError(error) ? error.exitCode : EXIT.bug;
  }
}
