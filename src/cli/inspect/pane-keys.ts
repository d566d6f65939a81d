import { type Intent, type Seen, set } from './intent.ts';
import { type Key, movement, nameOf, typed } from './key.ts';
import type { Action } from './reducer.ts';
import { isFiltered, layoutOf, type State } from './state.ts';

export function listKey(state: State, key: Key): Intent {
  const name = nameOf(key);
  const by = movement(name, Math.max(1, layoutOf(state).listRows - 1));
  if (by === Number.NEGATIVE_INFINITY) return set({ type: 'move.to', place: 'newest' });
  if (by === Number.POSITIVE_INFINITY) return set({ type: 'move.to', place: 'oldest' });
  if (by !== null) return set({ type: 'move', by });
  if (name === 'enter' || name === 'right' || name === 'l')
    return state.log.records.length === 0 ? null : set({ type: 'pane', pane: 'detail' });
  if (name !== 'escape') return null;
  return isFiltered(state.filter) ? set({ type: 'filter.clear' }) : set({ type: 'status', status: null });
}

export function detailKey(state: State, key: Key, seen: Seen): Intent {
  const name = nameOf(key);
  const by = movement(name, Math.max(1, layoutOf(state).detailRows - 1));
  if (by !== null) {
    const lines = seen.detailLines;
    return set({ type: 'detail.move', by: Math.max(-lines, Math.min(lines, by)), lines });
  }
  switch (name) {
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

export function filterKey(state: State, key: Key): Intent {
  const { text } = state.filter;
  const stop: Action = { type: 'filter', change: { editing: false } };
  if (key.name === 'escape') return set({ type: 'filter.clear' });
  if (key.name === 'enter' || (key.name === 'backspace' && text === '')) return set(stop);
  if (key.name === 'down') return set(stop, { type: 'move', by: 1 });
  if (key.name === 'up') return set(stop, { type: 'move', by: -1 });
  const changed = typed(text, key);
  return changed === null ? null : set({ type: 'filter', change: { text: changed.slice(0, 200) } });
}
