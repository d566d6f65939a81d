import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';

const GLOBAL_FLAGS = [
  ['--config <file>', ''],
  ['--json', ''],
  ['--color <when>', ''],
  ['--verbose', ''],
];

/**
 * Runs built commands in this process as the entry does, for hundreds in the time that one process takes to start.
 *
 * @param dist folder of the build.
 */
export async function loadCommands(dist) {
  const at = (path) => import(pathToFileURL(join(dist, path)).href);
  const { Command } = await at('commander.cjs');
  return {
    /** Ends as the process would: `code`, what was printed, and what escaped where it was a bug. */
    async run(args, { cwd, env, stopAfter }) {
      const written = { stdout: '', stderr: '' };
      const io = {
        stdin: process.stdin,
        stdout: collect(written, 'stdout'),
        stderr: collect(written, 'stderr'),
        env,
        cwd,
        exitCode: 0,
        onSignal: null,
      };
      const [name, ...rest] = args;
      const command = new Command(`carvos ${name}`);
      command.exitOverride().configureOutput({
        writeOut: (text) => io.stdout.write(text),
        writeErr: (text) => io.stderr.write(text),
        outputError: () => {},
      });
      (await at(`esm/commands/${name}.js`)).define(command, io);
      for (const [flags, description] of GLOBAL_FLAGS) command.option(flags, description);
      for (const child of command.commands)
        for (const [flags, description] of GLOBAL_FLAGS) child.option(flags, description);
      const escaped = watchEscapes();
      const stop = stopAfter === undefined ? null : setTimeout(() => io.onSignal?.('SIGINT'), stopAfter);
      try {
        await command.parseAsync(rest, { from: 'user' });
      } catch (error) {
        if (typeof error?.exitCode !== 'number') return { code: 70, ...written, error };
        io.exitCode = error.exitCode;
        written.stderr += `error: ${error.message}\n  at: ${error.where}\n`;
      } finally {
        clearTimeout(stop);
        escaped.end();
      }
      if (escaped.error !== null) return { code: 70, ...written, error: escaped.error };
      return { code: io.exitCode, ...written, error: null };
    },
  };
}

function collect(written, name) {
  return new Writable({
    write(chunk, _encoding, done) {
      if (written[name].length < 1_000_000) written[name] += chunk;
      done();
    },
  });
}

/** What no caller awaits ends a real process. */
function watchEscapes() {
  const seen = {
    error: null,
    end: () => {
      process.off('uncaughtException', keep);
      process.off('unhandledRejection', keep);
    },
  };
  const keep = (error) => {
    seen.error ??= error;
  };
  process.on('uncaughtException', keep);
  process.on('unhandledRejection', keep);
  return seen;
}
