import { readFileSync } from 'node:fs';
import { decodeText } from '../../files/decode-text.ts';
import { refuseDevice, replaceLinked } from '../../files/draft-file.ts';
import { isThere } from '../../files/folders-upward.ts';
import { parseEnvText } from '../config/env-text.ts';
import { CliError } from '../terminal/errors.ts';
import { fileProblem } from '../terminal/io.ts';

/** What a `.env` that will be written holds, empty when there is none. @throws CliError (exit 2) where it cannot be. */
export function readEnvText(path: string): string {
  try {
    refuseDevice(path);
    return isThere(path) ? decodeText(readFileSync(path)) : '';
  } catch (error) {
    throw new CliError(`cannot change .env: ${fileProblem(error)}`, { where: path, cause: error });
  }
}

/**
 * The text of a `.env` with one variable set: in its own place where it is there, else at the end.
 * Everything else stays as it is.
 *
 * @param value without quotes, spaces or line breaks.
 * @throws CliError (exit 2) when the variable is written in a way that a line cannot replace.
 */
export function setEnvValue(text: string, name: string, value: string): string {
  const own = new RegExp(`^\\s*(?:export\\s+)?${name}\\s*=`);
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const lines = text.split(/\r?\n/);
  const at = lines.findIndex((line) => own.test(line));
  const kept = lines.filter((line, index) => index === at || !own.test(line));
  if (at >= 0) kept[at] = `${/^\s*export\s/.test(kept[at]!) ? 'export ' : ''}${name}=${value}`;
  else {
    while (kept.at(-1) === '') kept.pop();
    kept.push(`${name}=${value}`, '');
  }
  const after = kept.join(eol);
  // A value over several lines, say: better not touched than half replaced.
  const before = parseEnvText(text).values;
  const expected = { ...before, [name]: value };
  const read = parseEnvText(after).values;
  const names = new Set([...Object.keys(expected), ...Object.keys(read)]);
  const multiline = (before[name] ?? '').includes('\n');
  if (multiline || [...names].some((each) => expected[each] !== read[each])) {
    throw new CliError(`${name} cannot be replaced in .env by itself`, { next: 'change it there by hand' });
  }
  return after;
}

/**
 * Writes a `.env`, readable by its owner alone: whole or not at all, and never for a moment with the
 * mode that the old one had.
 */
export function writeEnvText(path: string, text: string): void {
  try {
    replaceLinked(path, text);
  } catch (error) {
    throw new CliError(`cannot write .env: ${fileProblem(error)}`, {
      where: path,
      next: 'change it there by hand',
      cause: error,
    });
  }
}
