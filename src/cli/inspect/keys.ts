import type { Outcome } from '../../contract/control.ts';
import type { Action } from './reducer.ts';
import { isFiltered, layoutOf, type State, TABS } from './state.ts';

/** A key as the terminal gave it: a name, or the characters typed. */
export interface Key {
  name:
    | 'text'
    | 'up'
    | 'down'
    | 'left'
    | 'right'
    | 'page-up'
    | 'page-down'
    | 'home'
    | 'end'
    | 'enter'
    | 'escape'
    | 'tab'
    | 'back-tab'
    | 'backspace'
    | 'ctrl';
  text: string;
}

/** What happens outside the screen's own state. */
export type Effect =
  | { type: 'quit' }
  | { type: 'replay' }
  | { type: 'replay.edited' }
  | { type: 'replay.to'; target: string }
  | { type: 'copy.curl' }
  | { type: 'copy.id' }
  | { type: 'send'; event: string; edit: boolean }
  | { type: 'pick.event' }
  | { type: 'clock.pause' }
  | { type: 'clock.next' }
  | { type: 'clock.advance'; duration: string }
  | { type: 'clock.speed'; faster: boolean };

export type Intent = { do: Effect } | { set: Action[] } | null;

/** What the views know and keys need. */
export interface Seen {
  /** Lines of the detail, with the container that each opens or closes. */
  detailLines: number;
  foldAtLine: string | null;
  folds: readonly string[];
}

const OUTCOMES: readonly (Outcome | null)[] = [null, 'success', 'failure', 'error', 'interrupted'];
const DIRECTIONS = [null, 'inbound', 'outbound'] as const;

/** What a key means here. Pure; `null` when it means nothing. */
export function readKey(state: State, key: Key, seen: Seen): Intent {
  if (key.name === 'ctrl' && key.text === 'c') return { do: { type: 'quit' } };
  if (state.overlay) return overlayKey(state, key);
  if (state.filter.editing) return filterKey(state, key);
  return (
    (state.pane === 'detail' ? detailKey(state, key, seen) : listKey(state, key)) ?? commonKey(state, key)
  );
}

function set(...actions: Action[]): Intent {
  return { set: actions };
}

function listKey(state: State, key: Key): Intent {
  const page = Math.max(1, layoutOf(state).listRows - 1);
  switch (nameOf(key)) {
    case 'down':
    case 'j':
      return set({ type: 'move', by: 1 });
    case 'up':
    case 'k':
      return set({ type: 'move', by: -1 });
    case 'page-down':
    case 'ctrl-f':
      return set({ type: 'move', by: page });
    case 'page-up':
    case 'ctrl-b':
      return set({ type: 'move', by: -page });
    case 'ctrl-d':
      return set({ type: 'move', by: Math.ceil(page / 2) });
    case 'ctrl-u':
      return set({ type: 'move', by: -Math.ceil(page / 2) });
    case 'home':
    case 'g':
      return set({ type: 'move.to', place: 'newest' });
    case 'end':
    case 'G':
      return set({ type: 'move.to', place: 'oldest' });
    case 'enter':
    case 'right':
    case 'l':
      return state.log.records.length === 0 ? null : set({ type: 'pane', pane: 'detail' });
    case 'escape':
      return isFiltered(state.filter) ? set({ type: 'filter.clear' }) : set({ type: 'status', status: null });
    default:
      return null;
  }
}

function detailKey(state: State, key: Key, seen: Seen): Intent {
  const page = Math.max(1, layoutOf(state).detailRows - 1);
  const move = (by: number) => set({ type: 'detail.move', by, lines: seen.detailLines });
  const number = Number(key.text);
  if (key.name === 'text' && number >= 1 && number <= TABS.length) {
    return set({ type: 'tab', tab: TABS[number - 1]! });
  }
  switch (nameOf(key)) {
    case 'down':
    case 'j':
      return move(1);
    case 'up':
    case 'k':
      return move(-1);
    case 'page-down':
    case 'ctrl-f':
      return move(page);
    case 'page-up':
    case 'ctrl-b':
      return move(-page);
    case 'ctrl-d':
      return move(Math.ceil(page / 2));
    case 'ctrl-u':
      return move(-Math.ceil(page / 2));
    case 'home':
    case 'g':
      return move(-seen.detailLines);
    case 'end':
    case 'G':
      return move(seen.detailLines);
    case 'tab':
    case 'right':
    case 'l':
      return set({ type: 'tab.by', by: 1 });
    case 'back-tab':
    case 'left':
    case 'h':
      return set({ type: 'tab.by', by: -1 });
    case 'J':
      return set({ type: 'move', by: 1 });
    case 'K':
      return set({ type: 'move', by: -1 });
    case 'enter':
      return seen.foldAtLine === null ? null : set({ type: 'detail.fold', paths: [seen.foldAtLine] });
    case 'z':
      return seen.folds.length === 0 ? null : set({ type: 'detail.fold', paths: seen.folds });
    case 'escape':
    case 'backspace':
      return set({ type: 'pane', pane: 'list' });
    default:
      return null;
  }
}

function commonKey(state: State, key: Key): Intent {
  const { filter } = state;
  switch (nameOf(key)) {
    case 'q':
      return { do: { type: 'quit' } };
    case '?':
      return set({ type: 'overlay', overlay: { kind: 'help', top: 0 } });
    case '/':
      return set({ type: 'pane', pane: 'list' }, { type: 'filter', change: { editing: true } });
    case 'd':
      return set({ type: 'filter', change: { direction: next(DIRECTIONS, filter.direction) } });
    case 'o':
      return set({ type: 'filter', change: { outcome: next(OUTCOMES, filter.outcome) } });
    case 'R':
      return set({ type: 'log.reload' });
    case 'r':
      return { do: { type: 'replay' } };
    case 'e':
      return { do: { type: 'replay.edited' } };
    case 't':
      return set({
        type: 'overlay',
        overlay: {
          kind: 'prompt',
          purpose: 'replay-to',
          title: 'Replay to (URL, host:port or port)',
          text: '',
        },
      });
    case 'y':
      return { do: { type: 'copy.curl' } };
    case 'i':
      return { do: { type: 'copy.id' } };
    case 's':
      return { do: { type: 'pick.event' } };
    case ' ':
      return { do: { type: 'clock.pause' } };
    case 'n':
      return { do: { type: 'clock.next' } };
    case 'a':
      return set({
        type: 'overlay',
        overlay: { kind: 'prompt', purpose: 'advance', title: 'Advance the clock by (5m, 2h36m)', text: '' },
      });
    case '+':
    case '=':
      return { do: { type: 'clock.speed', faster: true } };
    case '-':
      return { do: { type: 'clock.speed', faster: false } };
    default:
      return null;
  }
}

function filterKey(state: State, key: Key): Intent {
  const { text } = state.filter;
  switch (key.name) {
    case 'escape':
      return set({ type: 'filter.clear' });
    case 'enter':
      return set({ type: 'filter', change: { editing: false } });
    case 'down':
      return set({ type: 'filter', change: { editing: false } }, { type: 'move', by: 1 });
    case 'up':
      return set({ type: 'filter', change: { editing: false } }, { type: 'move', by: -1 });
    case 'backspace':
      if (text === '') return set({ type: 'filter', change: { editing: false } });
      return set({ type: 'filter', change: { text: withoutLast(text) } });
    case 'ctrl':
      return key.text === 'u' ? set({ type: 'filter', change: { text: '' } }) : null;
    case 'text':
      return set({ type: 'filter', change: { text: (text + printable(key.text)).slice(0, 200) } });
    default:
      return null;
  }
}

function overlayKey(state: State, key: Key): Intent {
  const overlay = state.overlay!;
  const close: Action = { type: 'overlay', overlay: null };
  if (key.name === 'escape') return set(close);
  if (overlay.kind === 'help') {
    const name = nameOf(key);
    if (name === 'down' || name === 'j')
      return set({ type: 'overlay', overlay: { ...overlay, top: overlay.top + 1 } });
    if (name === 'up' || name === 'k')
      return set({ type: 'overlay', overlay: { ...overlay, top: Math.max(0, overlay.top - 1) } });
    return name === '?' || name === 'q' || name === 'enter' ? set(close) : null;
  }
  if (overlay.kind === 'prompt') {
    if (key.name === 'enter') {
      const text = overlay.text.trim();
      if (text === '') return set(close);
      return overlay.purpose === 'advance'
        ? { do: { type: 'clock.advance', duration: text } }
        : { do: { type: 'replay.to', target: text } };
    }
    const changed = typed(overlay.text, key);
    return changed === null ? null : set({ type: 'overlay', overlay: { ...overlay, text: changed } });
  }
  const found = pickable(overlay);
  if (key.name === 'down')
    return set({
      type: 'overlay',
      overlay: { ...overlay, index: Math.min(found.length - 1, overlay.index + 1) },
    });
  if (key.name === 'up')
    return set({ type: 'overlay', overlay: { ...overlay, index: Math.max(0, overlay.index - 1) } });
  const chosen = found[overlay.index];
  if (key.name === 'enter' || key.name === 'tab') {
    return chosen === undefined ? null : { do: { type: 'send', event: chosen, edit: key.name === 'tab' } };
  }
  const query = typed(overlay.query, key);
  return query === null ? null : set({ type: 'overlay', overlay: { ...overlay, query, index: 0 } });
}

/** The events that fit what was typed. */
export function pickable(overlay: { items: readonly string[]; query: string }): string[] {
  return overlay.items.filter((item) => item.includes(overlay.query.toLowerCase()));
}

function typed(text: string, key: Key): string | null {
  if (key.name === 'backspace') return withoutLast(text);
  if (key.name === 'ctrl' && key.text === 'u') return '';
  return key.name === 'text' ? text + printable(key.text) : null;
}

function withoutLast(text: string): string {
  return [...text].slice(0, -1).join('');
}

/** What is pasted may hold line breaks and worse. */
function printable(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, '');
}

function nameOf(key: Key): string {
  if (key.name === 'text') return key.text;
  return key.name === 'ctrl' ? `ctrl-${key.text}` : key.name;
}

function next<T>(values: readonly T[], value: T): T {
  return values[(values.indexOf(value) + 1) % values.length]!;
}
