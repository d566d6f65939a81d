import type { Outcome } from '../../contract/control.ts';
import { type Intent, type Seen, set } from './intent.ts';
import { type Key, nameOf } from './key.ts';
import { overlayKey } from './overlay-keys.ts';
import { detailKey, filterKey, listKey } from './pane-keys.ts';
import type { State } from './state.ts';

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
    case 'x':
      return { do: { type: 'job.rerun' } };
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

function next<T>(values: readonly T[], value: T): T {
  return values[(values.indexOf(value) + 1) % values.length]!;
}
