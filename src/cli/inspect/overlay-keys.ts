import { type Intent, type Seen, set } from './intent.ts';
import { type Key, movement, nameOf, typed } from './key.ts';
import type { Action } from './reducer.ts';
import { layoutOf, type State } from './state.ts';

/** Keys of what lies over the panes. */
export function overlayKey(state: State, key: Key, seen: Seen): Intent {
  const overlay = state.overlay!;
  const close: Action = { type: 'overlay', overlay: null };
  if (key.name === 'escape') return set(close);
  if (overlay.kind === 'help') {
    const name = nameOf(key);
    const { bodyRows } = layoutOf(state);
    const by = movement(name === ' ' ? 'page-down' : name, bodyRows);
    if (by !== null) {
      const lowest = Math.max(0, seen.helpLines - bodyRows);
      const top = Math.max(0, Math.min(lowest, overlay.top + by));
      return set({ type: 'overlay', overlay: { ...overlay, top } });
    }
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
