import { Readable, Writable } from 'node:stream';
import { CliError, EXIT } from '../terminal/errors.ts';
import type { Io } from '../terminal/io.ts';

export interface CommandResult {
  exitCode: number;
  /** What it printed with `--json`: its document, or those of a stream. */
  documents: Record<string, unknown>[];
  /** What it said on standard error, by lines. */
  notes: string[];
}

/**
 * Runs a command of carvos in this process, as the entry does, with `--json`.
 *
 * @param argv its words; `--json` and what belongs to every command are added after the first.
 * @param settings `signal` is a signal to the command, also where it comes before the command hears any.
 * @throws what the command throws; CliError (exit 143) where `signal` came and the command hears none.
 */
export async function callCommand(
  io: Io,
  argv: readonly string[],
  { input = '', signal, config }: { input?: string; signal: AbortSignal; config: string | undefined },
): Promise<CommandResult> {
  if (io.call === undefined) throw new Error('commands are run by the built program alone');
  const stopped = () => new CliError('stopped', { exitCode: EXIT.terminated });
  if (signal.aborted) throw stopped();
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  let onSignal: Io['onSignal'] = null;
  let stop = () => {};
  const givenUp = new Promise<never>((_resolve, reject) => {
    stop = () => (onSignal === null ? reject(stopped()) : onSignal('SIGTERM'));
  });
  const call: Io = {
    stdin: Readable.from([Buffer.from(input)]) as unknown as NodeJS.ReadStream,
    stdout: collect(out),
    stderr: collect(err),
    env: io.env,
    cwd: io.cwd,
    exitCode: 0,
    get onSignal() {
      return onSignal;
    },
    set onSignal(handler) {
      onSignal = handler;
      if (signal.aborted) handler?.('SIGTERM');
    },
    warn: (text) => err.push(Buffer.from(`${text}\n`)),
  };
  signal.addEventListener('abort', stop);
  try {
    const end = argv.indexOf('--');
    const words = end === -1 ? [...argv] : argv.slice(0, end);
    const rest = end === -1 ? [] : argv.slice(end);
    const common = config === undefined ? ['--json'] : ['--json', `--config=${config}`];
    await Promise.race([givenUp, io.call([...words, ...common, ...rest], call)]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
  return {
    exitCode: call.exitCode,
    documents: linesOf(out).map((line) => JSON.parse(line)),
    notes: linesOf(err),
  };
}

function collect(chunks: Buffer[]): NodeJS.WriteStream {
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  return stream as unknown as NodeJS.WriteStream;
}

function linesOf(chunks: Buffer[]): string[] {
  return Buffer.concat(chunks).toString('utf8').split('\n').filter(Boolean);
}
