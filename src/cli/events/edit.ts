import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toUtf8 } from '../../files/decode-text.ts';
import { CliError } from '../terminal/errors.ts';
import type { Io } from '../terminal/io.ts';
import { makeTempFolder } from '../terminal/temp-folder.ts';
import { shellQuote } from '../text/curl.ts';
import { type EventBody, encode, parseObject } from './body.ts';

/** What each system has. */
const USUAL_EDITOR = process.platform === 'win32' ? 'notepad' : 'vi';

/**
 * Lets the user edit a body in `$VISUAL` or `$EDITOR`, or else in vi (on Windows Notepad); JSON is shown indented and
 * sent compact.
 *
 * @throws CliError (exit 2) when it fails, there is no terminal for vi, or the result is no JSON object.
 */
export function editBody(io: Io, body: EventBody): EventBody {
  const asked = io.env.VISUAL || io.env.EDITOR;
  const editor = asked || USUAL_EDITOR;
  // It would wait for keys that nobody can press.
  if (!asked && io.stdin.isTTY !== true) {
    throw new CliError('--edit needs an editor', { next: "set EDITOR, for example EDITOR='code --wait'" });
  }
  // Readable by us alone: the body may hold personal data.
  const folder = makeTempFolder('carvos-');
  try {
    const path = join(folder, 'event.json');
    writeFileSync(path, indented(body.bytes), { mode: 0o600 });
    const quoted = process.platform === 'win32' ? `"${path}"` : shellQuote(path);
    // Standard output is for the result; where it is not the terminal, the editor must not write to it.
    const screen = io.stdout.isTTY === true ? 1 : 2;
    const { status } = spawnSync(`${editor} ${quoted}`, { shell: true, stdio: [0, screen, 2] });
    if (status !== 0)
      throw new CliError(`the editor ended with ${status ?? 'a signal'}, so nothing was sent`, {
        where: editor,
        next: asked ? undefined : "set EDITOR, for example EDITOR='code --wait'",
      });
    const value = parseObject(toUtf8(readFileSync(path)).bytes);
    if (value === null) throw new CliError('the edited body is not a JSON object, so nothing was sent');
    return { ...body, bytes: encode(value), file: null, value };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function indented(bytes: Buffer): string | Buffer {
  const value = parseObject(bytes);
  return value === null ? bytes : `${encode(value, 2).toString('utf8')}\n`;
}
