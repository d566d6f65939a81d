import { type Program, startCarvos as start } from '../support/program.ts';

type Settings = { cwd: string; env?: Record<string, string> };

/** Starts the built `carvos`, with the text of its standard output by calls. */
export function startCarvos(args: string[], settings: Settings) {
  const program: Program = start(args, settings);
  return {
    child: program,
    stdout: () => program.stdout,
    stderr: () => program.stderr,
    async waitFor(text: string | RegExp): Promise<string> {
      await program.waitForText(text);
      return program.stdout;
    },
    ended: program.ended,
  };
}

/** Runs `carvos` to its end. */
export const runCarvos = (args: string[], settings: Settings) => start(args, settings).ended;
