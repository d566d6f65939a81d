import type { Outcome } from '../../contract/control.ts';
import { type Effect, type Intent, type Seen, set } from './intent.ts';
import { type Key, nameOf } from './key.ts';
import { overlayKey } from './overlay-keys.ts';
import { detailKey, filterKey, listKey } from './pane-keys.ts';
import { type State, TABS } from './state.ts';

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
