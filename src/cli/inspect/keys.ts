import type { Outcome } from '../../contract/control.ts';
import { type Effect, type Intent, type Seen, set } from './intent.ts';
import { type Key, movement, nameOf, typed } from './key.ts';
import type { Action } from './reducer.ts';
import { isFiltered, layoutOf, type Overlay, type State, TABS } from './state.ts';

const OUTCOMES: readonly (Outcome | null)[] = [null, 'success', 'failure', 'error', 'interrupted'];
const DIRECTIONS = [null, 'incoming', 'outgoing'] as const;

/** What a key means here. Pure; `null` when it means nothing. */
export function readKey(state: State, key: Key, seen: Seen): Intent {
  if (key.name === 'ctrl' && key.text === 'c') return { do: { type: 'quit' } };
  if (state.overlay) return overlayKey(state, key, seen);
  if (state.filter.editing) return filterKey(state, key);
  return (
    (state.pane === 'detail' ? detailKey(state, key, seen) : listKey(state, key)) ?? commonKey(state, key)
  );
}

/** What happens outside the screen's own state, by its key. */
const EFFECTS: Readonly<Record<string, Effect>> = {
  q: { type: 'quit' },
  r: { type: 'replay' },
  e: { type: 'replay.edited' },
  y: { type: 'copy.curl' },
  i: { type: 'copy.id' },
  x: { type: 'job.rerun' },
  s: { type: 'pick.event' },
  ' ': { type: 'clock.pause' },
  n: { type: 'clock.next' },
  '+': { type: 'clock.speed', faster: true },
  '=': { type: 'clock.speed', faster: true },
  '-': { type: 'clock.speed', faster: false },
};

function commonKey({ filter, log }: State, key: Key): Intent {
  const name = nameOf(key);
  const tab = TABS[Number(name) - 1];
  if (tab !== undefined && log.records.length > 0)
    return set({ type: 'pane', pane: 'detail' }, { type: 'tab', tab });
  const effect = EFFECTS[name];
  if (effect !== undefined) return { do: effect };
  const prompt = (purpose: 'replay-to' | 'advance', title: string) =>
    set({ type: 'overlay', overlay: { kind: 'prompt', purpose, title, text: '' } });
  switch (name) {
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
    case 't':
      return prompt('replay-to', 'Replay to (URL, host:port or port)');
    case 'a':
      return prompt('advance', 'Advance the clock by (5m, 2h36m)');
    default:
      return null;
  }
}

function next<T>(values: readonly T[], value: T): T {
  return values[(values.indexOf(value) + 1) % values.length]!;
}

/** Keys of what lies over the panes. */
function overlayKey(state: State, key: Key, seen: Seen): Intent {
  const overlay = state.overlay!;
  const show = (next: Overlay | null) => set({ type: 'overlay', overlay: next });
  if (key.name === 'escape') return show(null);
  if (overlay.kind === 'help') {
    const name = nameOf(key);
    const { bodyRows } = layoutOf(state);
    const by = movement(name === ' ' ? 'page-down' : name, bodyRows);
    if (by !== null) {
      const lowest = Math.max(0, seen.helpLines - bodyRows);
      const top = Math.max(0, Math.min(lowest, overlay.top + by));
      return show({ ...overlay, top });
    }
    return name === '?' || name === 'q' || name === 'enter' ? show(null) : null;
  }
  if (overlay.kind === 'prompt') {
    if (key.name === 'enter') {
      const text = overlay.text.trim();
      if (text === '') return show(null);
      return overlay.purpose === 'advance'
        ? { do: { type: 'clock.advance', duration: text } }
        : { do: { type: 'replay.to', target: text } };
    }
    const changed = typed(overlay.text, key);
    return changed === null ? null : show({ ...overlay, text: changed });
  }
  const found = pickable(overlay);
  if (key.name === 'down') return show({ ...overlay, index: Math.min(found.length - 1, overlay.index + 1) });
  if (key.name === 'up') return show({ ...overlay, index: Math.max(0, overlay.index - 1) });
  const chosen = found[overlay.index];
  if (key.name === 'enter' || key.name === 'tab') {
    return chosen === undefined ? null : { do: { type: 'send', event: chosen, edit: key.name === 'tab' } };
  }
  const query = typed(overlay.query, key);
  return query === null ? null : show({ ...overlay, query, index: 0 });
}

/** The events that fit what was typed. */
export function pickable(overlay: { items: readonly string[]; query: string }): string[] {
  return overlay.items.filter((item) => item.includes(overlay.query.toLowerCase()));
}

function listKey(state: State, key: Key): Intent {
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

function detailKey(state: State, key: Key, seen: Seen): Intent {
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

function filterKey(state: State, key: Key): Intent {
  const { text } = state.filter;
  const stop: Action = { type: 'filter', change: { editing: false } };
  if (key.name === 'escape') return set({ type: 'filter.clear' });
  if (key.name === 'enter' || (key.name === 'backspace' && text === '')) return set(stop);
  if (key.name === 'down') return set(stop, { type: 'move', by: 1 });
  if (key.name === 'up') return set(stop, { type: 'move', by: -1 });
  const changed = typed(text, key);
  return changed === null ? null : set({ type: 'filter', change: { text: changed.slice(0, 200) } });
}
