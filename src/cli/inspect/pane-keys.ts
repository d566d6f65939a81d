import { type Intent, type Seen, set } from './intent.ts';
import { type Key, nameOf, printable, withoutLast } from './key.ts';
import { isFiltered, layoutOf, type State, TABS } from './state.ts';

/** Keys of the list. */
export function listKey(state: State, key: Key): Intent {
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

/** Keys of the detail. */
export function detailKey(state: State, key: Key, seen: Seen): Intent {
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

/** Keys while the filter's text is typed. */
export function filterKey(state: State, key: Key): Intent {
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
