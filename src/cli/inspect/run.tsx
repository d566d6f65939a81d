import { render } from 'ink';
import { createStore } from '../../client/view-state.ts';
import { asCalled } from '../../files/called-as.ts';
import { withResolvers } from '../../transport/with-resolvers.ts';
import type { Sender } from '../config/sender.ts';
import type { EventBody } from '../events/body.ts';
import { editBody } from '../events/edit.ts';
import { EXIT } from '../terminal/errors.ts';
import type { Io } from '../terminal/io.ts';
import { createActions } from './actions.ts';
import { type Feed, startFeed } from './feed.ts';
import { printable } from './key.ts';
import { createKeyInput } from './key-input.ts';
import { reduce } from './reducer.ts';
import { createScreen } from './screen.ts';
import type { Source } from './source.ts';
import { initialState, isTyping } from './state.ts';
import { createStyle } from './style.ts';
import { App } from './views/app.tsx';

/** A terminal may hold what comes at once up to here. */
const MOST_COPIED = 512 * 1024;
/** A Ctrl-C that ended the editor reaches this process too. */
const AFTER_EDITOR_MS = 300;
const PASTE_NOTE_MS = 10_000;

export interface InspectOptions {
  io: Io;
  source: Source;
  /** The source as it is now; `null` while there is none. */
  find(): Promise<Source | null>;
  sender(atsId: string | null): Promise<Sender>;
  color: boolean;
  /** Aborted when the user has left. */
  signal: AbortSignal;
}

/**
 * Runs the screen until the user leaves. The terminal is as it was afterwards, however it ends.
 *
 * @returns when the user left, with the exit code.
 */
export async function runInspect(options: InspectOptions): Promise<number> {
  const { io, source, find, sender, color, signal } = options;
  const screen = createScreen(io);
  const size = () => ({ columns: io.stdout.columns || 80, rows: io.stdout.rows || 24 });
  const { promise: left, resolve: leave } = withResolvers<number>();

  let editedAt = 0;
  const edit = (body: EventBody): EventBody => {
    screen.leave();
    if (io.stdin.isTTY) io.stdin.setRawMode(false);
    try {
      return editBody(io, body);
    } finally {
      editedAt = Date.now();
      if (io.stdin.isTTY) io.stdin.setRawMode(true);
      screen.enter();
      resized();
    }
  };
  const copy = (text: string) => {
    if (text.length > MOST_COPIED)
      throw new Error(asCalled('it is too large for the clipboard: use carvos deliveries show --curl'));
    screen.send(`\x1b]52;c;${Buffer.from(text).toString('base64')}\x07`);
  };

  let feed: Feed;
  const store = createStore(initialState(size().columns, size().rows, Date.now()), reduce);
  const perform = createActions({
    store: () => store,
    feed: () => feed,
    sender,
    signal,
    edit,
    copy,
    quit: () => leave(EXIT.ok),
  });
  const resized = () => {
    const { columns, rows } = store.get();
    const now = size();
    // The frame of the size before would be wrong at this one.
    if (now.columns === columns && now.rows === rows) return screen.repaint();
    screen.forget();
    store.dispatch({ type: 'resized', ...now });
  };
  // The message of a crash is for the screen that the user sees afterwards.
  const crashed = () => screen.leave();
  io.onSignal = (received) => {
    if (received !== 'SIGINT') leave(EXIT.terminated);
    else if (Date.now() - editedAt > AFTER_EDITOR_MS) leave(EXIT.interrupted);
  };
  io.stdout.on('resize', resized);
  process.prependListener('uncaughtException', crashed);
  process.on('exit', crashed);

  const keys = createKeyInput(io.stdin, (text) => {
    if (isTyping(store.get())) return printable(text);
    const until = Date.now() + PASTE_NOTE_MS;
    const note = 'pasted text does nothing here: / and paste it there, to filter by it';
    store.dispatch({ type: 'status', status: { kind: 'info', text: note, until } });
    return '';
  });
  screen.enter();
  const ink = render(<App store={store} style={createStyle(color)} perform={perform} />, {
    stdout: screen.stream,
    stdin: keys.stream,
    // Whole frames, without cursor movements: the screen knows what changed.
    debug: true,
    exitOnCtrlC: false,
    patchConsole: false,
  });
  feed = startFeed(store, source, find);
  try {
    return await Promise.race([left, ink.waitUntilExit().then(() => EXIT.ok)]);
  } finally {
    feed.stop();
    io.stdout.off('resize', resized);
    screen.leave();
    ink.unmount();
    process.off('uncaughtException', crashed);
    process.off('exit', crashed);
    keys.close();
  }
}
