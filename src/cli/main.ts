import { VERSION } from '../contract/version.ts';
import { calledAs } from '../files/called-as.ts';
import { createCommand } from './command-line/create-command.ts';
import { describeMissing } from './command-line/describe-missing.ts';
import { GLOBAL_FLAGS } from './command-line/globals.ts';
import { rootHelp } from './command-line/help.ts';
import { parseLight } from './command-line/parse-light.ts';
import { COMMANDS } from './commands/index.ts';
import { createDirectIo, isPlain } from './terminal/direct-io.ts';
import {
  CliError,
  describeError,
  didYouMean,
  type ErrorLike,
  EXIT,
  exitOfSignal,
  isCliError,
} from './terminal/errors.ts';
import { createIo, fileProblem, type Io, isUnread, openStderr, SIGNALS, type Signal } from './terminal/io.ts';
import { neutralize } from './terminal/neutralize.ts';

/** What reads once, prints once and ends: started so often that it does without commander and streams. */
const LIGHT_COMMANDS = ['sign', 'verify'];

/** Runs one command. Loads that command's module and no other. */
async function run(argv: readonly string[], io: Io): Promise<void> {
  const [first, ...rest] = argv;
  if (first === '--version' || first === '-V') {
    io.stdout.write(`${VERSION}\n`);
    return;
  }
  if (first === '--help' || first === '-h' || (first === 'help' && rest.length === 0)) {
    io.stdout.write(rootHelp());
    return;
  }
  if (first === undefined) {
    io.stderr.write(rootHelp());
    io.exitCode = EXIT.usage;
    return;
  }
  if (first === 'help') return await run([...rest, '--help'], io);
  if (first.startsWith('-')) {
    const name = first.replace(/=.*/s, '');
    const slip = didYouMean(name, [...GLOBAL_FLAGS, '--version']);
    const what = GLOBAL_FLAGS.includes(name)
      ? 'must come after a command'
      : `is no option of carvos alone: options come after a command.${slip}`;
    throw new CliError(`${name} ${what}`, { next: 'run carvos --help for the commands' });
  }
  if (!Object.hasOwn(COMMANDS, first)) {
    throw new CliError(`there is no command ${first}.${didYouMean(first, Object.keys(COMMANDS))}`, {
      next: 'run carvos --help for the commands',
    });
  }
  if (LIGHT_COMMANDS.includes(first)) {
    const call = parseLight(await COMMANDS[first]!.load(), io, rest);
    if (call !== null) return await call();
  }
  const command = await createCommand(first, io);
  const [word = ''] = rest;
  const subcommands = command.commands.map((one) => one.name());
  const isSubcommand = subcommands.includes(word);
  const isName = word !== '' && word !== 'help' && !word.startsWith('-');
  // Where one subcommand is the default, commander would take a mistyped one for its argument.
  if (subcommands.length > 0 && isName && !isSubcommand) {
    throw new CliError(`there is no command ${first} ${word}.${didYouMean(word, subcommands)}`, {
      next: `run carvos ${first} --help for its commands`,
    });
  }
  try {
    await command.parseAsync([...rest], { from: 'user' });
  } catch (error) {
    const failed = command.commands.find((one) => isSubcommand && one.name() === word) ?? command;
    describeMissing(error, failed);
    if (isSubcommand && typeof error === 'object')
      Object.assign(error as object, { helpOf: `${first} ${word}` });
    throw error;
  }
}

/** Where output or a file had no room, wherever that was met. */
const NO_ROOM = ['ENOSPC', 'EDQUOT', 'EFBIG'];

async function fail(error: unknown, argv: readonly string[]): Promise<void> {
  const known = error as ErrorLike;
  if (typeof known?.code === 'string' && known.code.startsWith('commander.')) {
    // Help and version arrive as errors with exit code 0; a bare noun shows its help and is misuse.
    if (known.exitCode === 0) return;
    if (known.code !== 'commander.help') {
      const message = known.message
        .replace(/^error: /, '')
        .replace(/\n\(Did you mean (.*)\?\)/s, '. Did you mean $1?');
      openStderr().write(
        neutralize(`error: ${message}\n  next: run ${calledAs()} ${known.helpOf ?? argv[0]} --help\n`),
      );
    }
    process.exitCode = EXIT.usage;
    return;
  }
  if (isCliError(error)) {
    openStderr().write(`${await describeError(error)}\n`);
    if (argv.includes('--verbose') && error.cause instanceof Error)
      openStderr().write(`${error.cause.stack}\n`);
    process.exitCode = error.exitCode;
    return;
  }
  if (NO_ROOM.includes(String(known?.code))) {
    const next = 'make room there, or let it write elsewhere';
    return await fail(new CliError(`cannot write: ${fileProblem(error)}`, { next, cause: error }), argv);
  }
  const message = error instanceof Error ? error.message : String(error);
  openStderr().write(neutralize(`error: carvos ${VERSION} has a bug: ${message}\n`));
  if (argv.includes('--verbose') && error instanceof Error) openStderr().write(`${error.stack}\n`);
  else openStderr().write('  next: run it again with --verbose and report what it prints\n');
  process.exitCode = EXIT.bug;
}

function onSignal(io: Io, signal: Signal): void {
  if (signal === 'SIGHUP') {
    // The terminal is gone. What is still said there is lost, and no reason to leave things behind.
    if (!hungUp) process.on('exit', dieOfHangUp);
    hungUp = true;
  }
  if (io.onSignal !== null) io.onSignal(signal);
  else process.exit(exitOfSignal(signal));
}

/** Node puts terminals back as they were when it ends, and aborts at one that is gone: a crash, for whoever collects those. */
function dieOfHangUp(): void {
  const { isatty } = process.getBuiltinModule('node:tty');
  if ([0, 1, 2].every((fd) => isPlain(fd) || isatty(fd))) return;
  process.removeAllListeners('SIGHUP');
  process.kill(process.pid, 'SIGHUP');
}

let hungUp = false;
const argv = process.argv.slice(2);
const name = argv[0] ?? '';
const light = LIGHT_COMMANDS.includes(name) || !Object.hasOwn(COMMANDS, name);
const io = light ? createDirectIo() : createIo(run);
for (const signal of SIGNALS) process.on(signal, () => onSignal(io, signal));
if (!light) {
  // `carvos events | head -1`: whoever reads has seen enough, which is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (!isUnread(error, 1)) throw error;
    if (!hungUp && !io.goesOn) process.exit(io.exitCode);
  });
}
// What escapes a callback is a bug like any other. What goes wrong while it is reported, as on a terminal that is gone, ends it.
let isFailing = false;
process.on('uncaughtException', (error) => {
  if (isFailing) process.exit();
  isFailing = true;
  void fail(error, argv).finally(() => process.exit());
});
run(argv, io).then(
  () => {
    if (!isFailing) process.exitCode = io.exitCode;
  },
  (error: unknown) => fail(error, argv),
);
