import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { expect, onTestFinished } from 'vitest';

/** A program in a real terminal. */
export interface Terminal {
  /** The screen as text. */
  text(): string;
  /** Names of tmux (`Enter`, `Escape`, `C-c`), or letters. */
  press(...keys: string[]): void;
  /** Everything at once, byte for byte, as a terminal that knows no bracketed paste. */
  paste(text: string): void;
  resize(columns: number, rows: number): void;
  waitFor(pattern: RegExp): Promise<string>;
  /** Whether the alternate screen is shown, the cursor, and long lines are wrapped. */
  modes(): { alternate: boolean; cursor: boolean; wrap: boolean };
  /** What a program put on the clipboard (OSC 52); empty when nothing was. */
  clipboard(): string;
  /** Takes the terminal away from what runs in it. */
  close(): void;
}

/** Runs a shell command in a terminal of its own, with a shell that goes on afterwards. */
export function openTerminal(cwd: string, command: string, columns = 80, rows = 24): Terminal {
  const name = `carvos-${randomBytes(4).toString('hex')}`;
  const tmux = (...args: string[]) =>
    execFileSync('tmux', ['-L', name, '-f', '/dev/null', ...args], { encoding: 'utf8', env });
  // A developer's own settings must not decide what a test sees; in CI, Ink would draw nothing.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([key]) => !/^(CARVOS_|CI$|FORCE_COLOR|NO_COLOR|TMUX)/.test(key)),
  );
  // Output begins on a line of its own, also of what was typed before the prompt came.
  const shell = 'env PS1="ready>\n" sh';
  tmux('new-session', '-d', '-x', String(columns), '-y', String(rows), '-c', cwd, shell);
  let isOpen = true;
  const close = () => {
    if (isOpen) tmux('kill-server');
    isOpen = false;
  };
  onTestFinished(close);
  tmux('set-option', '-s', 'set-clipboard', 'on');
  const text = () => tmux('capture-pane', '-p');
  const terminal: Terminal = {
    text,
    press: (...keys) => void tmux('send-keys', ...keys),
    paste(text) {
      // By number: names of tmux cannot carry control characters.
      const bytes = [...Buffer.from(text)].map((byte) => byte.toString(16).padStart(2, '0'));
      tmux('send-keys', '-H', ...bytes);
    },
    resize: (width, height) => void tmux('resize-window', '-x', String(width), '-y', String(height)),
    async waitFor(pattern) {
      await expect.poll(text, { timeout: 60_000, interval: 100 }).toMatch(pattern);
      return text();
    },
    modes() {
      const [alternate, cursor, wrap] = tmux(
        'display-message',
        '-p',
        '#{alternate_on} #{cursor_flag} #{wrap_flag}',
      )
        .trim()
        .split(' ');
      return { alternate: alternate === '1', cursor: cursor === '1', wrap: wrap === '1' };
    },
    clipboard() {
      return tmux('list-buffers').trim() === '' ? '' : tmux('show-buffer');
    },
    close,
  };
  terminal.press(command, 'Enter');
  return terminal;
}
