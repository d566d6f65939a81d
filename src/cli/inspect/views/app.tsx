import { Text, Transform, useInput } from 'ink';
import { useSyncExternalStore } from 'react';
import type { Effect, Seen } from '../intent.ts';
import type { Key } from '../key.ts';
import { readKey } from '../keys.ts';
import type { Store } from '../reducer.ts';
import { isTyping, type State } from '../state.ts';
import type { Style } from '../style.ts';
import { detailLinesOf, frameLines } from './frame.ts';
import { helpLines } from './overlays.ts';
import { toKeys } from './to-keys.ts';

interface Props {
  store: Store;
  style: Style;
  /** Does what keys ask for beyond the state. */
  perform(effect: Effect): void;
}

/**
 * The whole screen. Ink lays out one text of empty lines, and each gets its content as it is drawn: Ink
 * keeps every text that it ever measured, which a screen that is open all day cannot afford, and a box for
 * each line took twice the time.
 */
export function App({ store, style, perform }: Props) {
  const state = useSyncExternalStore(store.subscribe, store.get);
  useInput((input, key) => {
    // Characters that came at once are keys one after the other; pasted text is.
    for (const one of toKeys(input, key, isTyping(store.get()))) press(one);
  });
  const press = (key: Key) => {
    const state = store.get();
    const intent = readKey(state, key, seenBy(state, style));
    if (intent === null) return;
    if ('do' in intent) perform(intent.do);
    else for (const action of intent.set) store.dispatch(action);
  };
  const lines = frameLines(state, style);
  return (
    <Transform transform={(_empty, index) => lines[index] ?? ''}>
      <Text>{Array.from(lines, () => ' ').join('\n')}</Text>
    </Transform>
  );
}

function seenBy(state: State, style: Style): Seen {
  const help = state.overlay?.kind === 'help' ? helpLines(state, style).length : 0;
  if (state.pane !== 'detail') return { detailLines: 0, foldAtLine: null, folds: [], helpLines: help };
  const lines = detailLinesOf(state, style);
  return {
    detailLines: lines.length,
    foldAtLine: lines[Math.min(state.detail.line, lines.length - 1)]?.fold ?? null,
    folds: lines.flatMap((line) => (line.fold === undefined || line.fold === '' ? [] : [line.fold])),
    helpLines: help,
  };
}
