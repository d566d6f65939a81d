import { EVENT_SUMMARIES } from '../../events/summaries.ts';
import { toWidth, wrap } from '../../terminal/width.ts';
import { pickable } from '../keys.ts';
import type { Overlay, State } from '../state.ts';
import type { Style } from '../style.ts';
import type { Keys } from './bars.ts';

const MOVE: Keys = {
  '↑ ↓ j k': 'one up or down',
  'PgUp PgDn ^u ^d': 'a page, half a page',
  'g G Home End': 'the newest (and follow), the oldest',
};
const LIST: Keys = {
  'Enter → l': 'open what is selected',
  '1-6': 'open it at that tab',
  Esc: 'clear the filter',
};
const DETAIL: Keys = {
  'Tab ← → h l 1-6': 'the tabs',
  'Enter, z': 'fold here, fold everywhere',
  'J K': 'the record below, above',
  Esc: 'back to the list',
};
const FIND: Keys = {
  '/': 'filter by event, ids, client, status, text of a body',
  d: 'both directions, incoming, outgoing',
  o: 'all, success, failure, error, interrupted',
  R: 'read the log again',
};
const ACT: Keys = {
  r: 'send it again, signed anew',
  e: 'edit it in $EDITOR, then send it',
  t: 'send it to another URL',
  x: 'run its AI job again, when that failed',
  s: 'send a sample event',
  y: 'copy it as a curl command',
  i: 'copy its id',
};
const CLOCK: Keys = {
  Space: 'pause, resume',
  n: 'to the next due attempt',
  a: 'advance by a duration',
  '+ -': 'faster, slower',
};

/** All keys, those of the open pane first. */
export function helpLines(state: State, style: Style): string[] {
  const groups: Readonly<Record<string, Keys>> = {
    ...(state.pane === 'detail' ? { 'Here, the detail': DETAIL } : { 'Here, the list': LIST }),
    Move: MOVE,
    Find: FIND,
    'Act on what is selected': ACT,
    'Clock of the retry schedule': CLOCK,
    Leave: { 'q  Ctrl-C': 'quit; the gateway goes on' },
  };
  const lines = Object.entries(groups).flatMap(([title, keys]) => [
    style.bold(title),
    ...Object.entries(keys).flatMap(([key, what]) =>
      wrap(what, state.columns - 22).map((text, index) => `  ${toWidth(index === 0 ? key : '', 17)} ${text}`),
    ),
    '',
  ]);
  const legend =
    '→ incoming (ATS → CarvOS)  ← outgoing  ✓ accepted  ✗ answered, not 2xx  ! no answer  ~ interrupted  * fault  ‖ clock stands still  TRY: step of five, rep: replay, tst: test event';
  return [...lines, style.bold('Marks'), ...wrap(legend, state.columns - 4).map((text) => `  ${text}`)];
}

export function pickLines(overlay: Extract<Overlay, { kind: 'pick' }>, state: State, style: Style): string[] {
  const found = pickable(overlay);
  const lines = [
    style.bold('Send a sample event (ATS → CarvOS)'),
    `  search: ${toWidth(`${overlay.query}▏`, Math.max(4, state.columns - 12))}`,
    '',
  ];
  if (found.length === 0) return [...lines, '  no event of that name'];
  const rows = Math.max(1, state.rows - 7);
  const top = Math.max(0, overlay.index - rows + 1);
  for (const [offset, event] of found.slice(top, top + rows).entries()) {
    const selected = top + offset === overlay.index;
    const summary = EVENT_SUMMARIES.incoming[event] ?? '';
    const text = toWidth(`${selected ? '▶' : ' '} ${toWidth(event, 23)} ${summary}`, state.columns - 2);
    lines.push(selected ? style.inverse(text) : text);
  }
  return lines;
}

export function promptLines(
  overlay: Extract<Overlay, { kind: 'prompt' }>,
  state: State,
  style: Style,
): string[] {
  const room = Math.max(4, state.columns - 6);
  const tail = overlay.text.length > room ? `…${overlay.text.slice(-room + 1)}` : overlay.text;
  return [
    ...wrap(overlay.title, state.columns - 2).map((text) => style.bold(text)),
    '',
    `> ${toWidth(`${tail}▏`, room + 1)}`,
  ];
}
