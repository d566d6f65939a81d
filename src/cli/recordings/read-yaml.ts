import { LineCounter, parseDocument } from 'yaml';
import { CliError } from '../terminal/errors.ts';

/** Aliases that may be followed: more would be a bomb. */
const MAX_ALIASES = 1000;

/** The value of a document in YAML. @throws CliError (exit 2) with the place. */
export function readYaml(text: string, name: string): unknown {
  const lineCounter = new LineCounter();
  const fail = (message: string, line: number, col: number): never => {
    throw new CliError(`${name}: this is not valid YAML: ${message}`, {
      where: `${name}:${line}:${col}`,
      next: 'correct it there',
    });
  };
  try {
    const document = parseDocument(text, { lineCounter, uniqueKeys: false, prettyErrors: false });
    const [problem] = document.errors;
    if (problem) {
      const { line, col } = lineCounter.linePos(problem.pos[0]);
      fail(problem.message, line, col);
    }
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    if (error instanceof CliError) throw error;
    // A parser that recurses, and aliases that never end.
    return fail(error instanceof RangeError ? 'it is nested too deep' : (error as Error).message, 1, 1);
  }
}
