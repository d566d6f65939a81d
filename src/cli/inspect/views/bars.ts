import { toWidth, widthOf, wrap } from '../../terminal/width.ts';
import { formatLogTime } from '../../text/times.ts';
import { isFiltered, layoutOf, type State, selectedRecord } from '../state.ts';
import type { Style } from '../style.ts';

/** What a key does, by its name. */
export type Keys = Readonly<Record<string, string>>;

/** What runs, how the clock stands, and what is new. */
export function headerLine(state: State, style: Style): string {
  const { clock, log } = state;
  const connection = {
    connecting: ['…', 'connecting', style.yellow],
    open: ['●', 'live', style.green],
    lost: ['✗', 'LOST, reconnecting', style.red],
    'read-only': ['■', 'READ-ONLY, from the file', style.yellow],
  }[state.connection] as [string, string, (text: string) => string];
  const where = state.origin.replace(/^https?:\/\//, '');
  const pending = clock ? `${clock.pending} pending` : '';
  const left = `carvos ${connection[0]} ${connection[1]}`;
  const unseen = log.unseen > 0 ? `${log.unseen} new (g) ` : '';
  const room = state.columns - widthOf(unseen);
  const parts = [left, clock ? clockText(clock) : '', pending, where].filter((part) => part !== '');
  // The address gives way first, then what is pending.
  while (parts.length > 1 && widthOf(parts.join('  ')) > room) parts.pop();
  const text = toWidth(parts.join('  '), room);
  return (
    style.bold('carvos') +
    connection[2](text.slice(6, left.length)) +
    text.slice(left.length) +
    style.inverse(unseen)
  );
}

function clockText({ mode, speed }: NonNullable<State['clock']>): string {
  if (mode === 'running') return `clock ${speed}×`;
  return { paused: 'clock ‖ paused', max: 'clock max', manual: 'clock ‖ manual' }[mode];
}

export function filterLine(state: State, style: Style): string {
  const { filter, log } = state;
  const parts = [
    filter.direction === null ? '' : filter.direction === 'incoming' ? '→ incoming' : '← outgoing',
    filter.outcome === null ? '' : `only ${filter.outcome}`,
    filter.text !== '' || filter.editing ? `/${filter.text}${filter.editing ? '▏' : ''}` : '',
  ].filter((part) => part !== '');
  const found = log.loading
    ? 'searching…'
    : `${log.records.length}${log.older === null ? '' : '+'} found${log.searchedTo ? `, searched back to ${formatLogTime(log.searchedTo, state.now)}` : ''}`;
  const hint = filter.editing ? 'Enter keeps it, Esc clears' : 'Esc clears';
  const what = parts.join('  ') || '/';
  // The bar of keys says the same as the hint.
  const texts = [
    ` filter: ${what}   ${found}   ${hint}`,
    ` filter: ${what}   ${found}`,
    ` ${what}  ${found}`,
  ];
  const text = texts.find((one) => widthOf(one) <= state.columns) ?? texts.at(-1)!;
  return style.yellow(toWidth(text, state.columns));
}

/** What came of the last action, on as many lines as the layout has for it. */
export function statusLines(state: State, style: Style): string[] {
  const { status, connection } = state;
  if (status === null) {
    const text =
      connection === 'lost'
        ? 'the gateway does not answer: what comes meanwhile is read when it is back'
        : '';
    return [style.yellow(toWidth(text, state.columns))];
  }
  const mark = { info: ' ', progress: '…', ok: '✓', error: '✗' }[status.kind];
  const colour = { info: style.cyan, progress: style.cyan, ok: style.green, error: style.red }[status.kind];
  const { statusRows } = layoutOf(state);
  const lines = statusRows === 1 ? [status.text] : wrap(status.text, state.columns - 2);
  // The last line has the rest, and its ellipsis.
  const shown = [...lines.slice(0, statusRows - 1), lines.slice(statusRows - 1).join(' ')];
  return shown.map((line, index) => colour(toWidth(`${index === 0 ? mark : ' '} ${line}`, state.columns)));
}

/** Keys and what they do here, most useful first. */
function keysFor(state: State): Keys {
  const { overlay, filter } = state;
  if (overlay?.kind === 'help') return { Esc: 'back', '↑↓ PgUp PgDn': 'scroll' };
  if (overlay?.kind === 'pick') return { Enter: 'send', Tab: 'edit first', '↑↓': 'choose', Esc: 'back' };
  if (overlay?.kind === 'prompt') return { Enter: 'do it', Esc: 'back' };
  if (filter.editing) return { Enter: 'keep', Esc: 'clear', '↑↓': 'to the list' };
  const acts = state.connection !== 'read-only';
  const failedJob = state.jobs.get(selectedRecord(state)?.reference_id ?? '') === 'failed';
  const rerun: Keys = acts && failedJob ? { x: 'run job again' } : {};
  const send: Keys = acts ? { r: 'replay', e: 'edited', t: 'to URL', s: 'send' } : {};
  const act: Keys = { ...rerun, ...send, y: 'curl', i: 'id' };
  const pause = state.clock?.mode === 'running' ? 'pause' : 'resume';
  const clock: Keys = acts ? { Space: pause, n: 'next', a: 'advance', '+-': 'speed' } : {};
  const always = { '?': 'help', q: 'quit' };
  if (state.pane === 'detail')
    return { ...always, Esc: 'back', Tab: 'next tab', Enter: 'fold', ...act, JK: 'record', ...clock };
  const back: Keys = isFiltered(filter) ? { Esc: 'clear' } : {};
  const find = { d: 'direction', o: 'outcome' };
  return { ...always, ...back, Enter: 'open', '/': 'filter', ...act, ...find, ...clock, g: 'newest' };
}

/** As many keys as fit; `?`, which shows all, and `q` are always there. */
export function keysLine(state: State, style: Style): string {
  let used = 0;
  const shown: string[] = [];
  for (const [key, what] of Object.entries(keysFor(state))) {
    const own = widthOf(`${key} ${what}`) + 2;
    if (used + own > state.columns) break;
    shown.push(`${style.bold(key)} ${style.dim(what)}`);
    used += own;
  }
  return shown.join('  ');
}
