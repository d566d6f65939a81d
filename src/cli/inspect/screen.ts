import { EventEmitter } from 'node:events';
import type { Io } from '../terminal/io.ts';

// Without line wrap: a frame for the size before must not scroll the one for the size now.
// With bracketed paste: what is pasted says that it is.
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[?2004h\x1b[2J\x1b[H';
// Cleared first: tmux, when it was resized meanwhile, mixes what is left here into the other screen.
const LEAVE = '\x1b[0m\x1b[2J\x1b[H\x1b[?2004l\x1b[?7h\x1b[?25h\x1b[?1049l';
// Terminals that know it show the changes of one frame at once; the others ignore it.
const BEGIN = '\x1b[?2026h';
const END = '\x1b[?2026l';

/**
 * The alternate screen. Ink hands over whole frames; only the lines that changed are written, each at its
 * own place, so that nothing scrolls or flickers at any size.
 */
export function createScreen({ stdout }: Pick<Io, 'stdout'>) {
  let inside = false;
  let shown: string[] = [];
  let last = '';

  const paint = (frame: string) => {
    last = frame;
    if (!inside) return;
    const lines = frame
      .replace(/\n$/, '')
      .split('\n')
      .slice(0, stdout.rows || 24);
    let out = '';
    lines.forEach((line, index) => {
      // Cleared before, not after: a cursor behind the last column would clear that column.
      if (shown[index] !== line) out += `\x1b[${index + 1};1H\x1b[0m\x1b[K${line}\x1b[0m`;
    });
    if (lines.length < shown.length) out += `\x1b[${lines.length + 1};1H\x1b[J`;
    shown = lines;
    if (out !== '') stdout.write(BEGIN + out + END);
  };
  /** Clears it; the next frame is drawn as a whole. */
  const forget = () => {
    shown = [];
    if (inside) stdout.write('\x1b[2J');
  };
  const stream = Object.assign(new EventEmitter(), {
    // Not a terminal to Ink: the cursor and the screen are ours.
    isTTY: false,
    write(frame: string) {
      paint(frame);
      return true;
    },
  });
  Object.defineProperties(stream, {
    columns: { get: () => stdout.columns || 80 },
    rows: { get: () => stdout.rows || 24 },
  });

  return {
    /** What Ink writes its frames to. */
    stream: stream as unknown as NodeJS.WriteStream,
    enter() {
      if (inside) return;
      inside = true;
      shown = [];
      stdout.write(ENTER);
    },
    /** Puts the terminal back as it was; more than once does no harm. */
    leave() {
      if (!inside) return;
      inside = false;
      stdout.write(LEAVE);
    },
    /** Writes past the frames, for the terminal itself. */
    send: (sequence: string) => void stdout.write(sequence),
    forget,
    /** Draws the last frame again, as a whole. */
    repaint() {
      forget();
      paint(last);
    },
  };
}
