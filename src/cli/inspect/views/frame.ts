import { cutTo, fill, toWidth } from '../../terminal/width.ts';
import type { Line } from '../json-lines.ts';
import { layoutOf, type State, selectedRecord, TABS, type Tab } from '../state.ts';
import type { Style } from '../style.ts';
import { filterLine, headerLine, keysLine, statusLines } from './bars.ts';
import { detailLines } from './detail-lines.ts';
import { listLines } from './list-lines.ts';
import { helpLines, pickLines, promptLines } from './overlays.ts';

/** The whole screen: as many lines as it has rows, none wider than it is. */
export function frameLines(state: State, style: Style): string[] {
  const { filterRow, bodyRows } = layoutOf(state);
  const head = [headerLine(state, style), ...(filterRow ? [filterLine(state, style)] : [])];
  const foot = [...statusLines(state, style), keysLine(state, style)];
  const body = bodyLines(state, style, bodyRows).slice(0, bodyRows);
  while (body.length < bodyRows) body.push('');
  return [...head, ...body, ...foot].slice(0, state.rows).map((line) => cutTo(line, state.columns));
}

function bodyLines(state: State, style: Style, room: number): string[] {
  const { overlay } = state;
  if (overlay?.kind === 'help') {
    const lines = helpLines(state, style);
    const top = Math.max(0, Math.min(overlay.top, lines.length - room));
    const more = lines.length - top - room;
    if (more <= 0) return lines.slice(top);
    return [...lines.slice(top, top + room - 1), style.dim(`  ↓ ${more + 1} more lines`)];
  }
  if (overlay?.kind === 'pick') return pickLines(overlay, state, style);
  if (overlay?.kind === 'prompt') return promptLines(overlay, state, style);
  const { wide, listWidth, detailWidth } = layoutOf(state);
  if (!wide) return state.pane === 'list' ? listLines(state, style) : detailPane(state, style, detailWidth);
  const list = listLines(state, style);
  const detail = detailPane(state, style, detailWidth);
  const bar = style.dim('│');
  return Array.from(
    { length: room },
    (_, row) => `${fill(cutTo(list[row] ?? '', listWidth), listWidth)}${bar} ${detail[row] ?? ''}`,
  );
}

function detailPane(state: State, style: Style, width: number): string[] {
  const { detailRows } = layoutOf(state);
  const { detail } = state;
  const lines = detailLinesOf(state, style);
  const line = Math.min(detail.line, Math.max(0, lines.length - 1));
  const top = Math.max(0, Math.min(detail.top, lines.length - 1));
  const shown = lines.slice(top, top + detailRows);
  const rest = lines.length - top - shown.length;
  const where = lines.length > detailRows ? `${line + 1}/${lines.length}${rest > 0 ? ' ↓' : ''}` : '';
  return [
    tabsLine(state, width, style),
    style.dim(toWidth(`${selectedRecord(state)?.id ?? ''}  ${where}`, width)),
    ...shown.map(({ text }, index) => {
      const current = state.pane === 'detail' && top + index === line;
      return cutTo(`${current ? style.inverse('›') : ' '} ${text}`, width);
    }),
  ];
}

const SHORT_TABS = {
  request: 'req',
  response: 'resp',
  attempts: 'att',
  signature: 'sig',
  'AI job': 'AI',
  trace: 'trace',
} as const;

/** How tabs may be named, the fullest first. The keys are their numbers. */
const TAB_NAMES: readonly ((tab: Tab, index: number) => string)[] = [
  (tab, index) => `${index + 1} ${tab}`,
  (tab) => tab,
  (tab, index) => `${index + 1} ${SHORT_TABS[tab]}`,
];

/** All tabs by name where they fit, else the open one between its neighbours' numbers. */
function tabsLine(state: State, width: number, style: Style): string {
  const fits = (names: string[]) => names.reduce((sum, name) => sum + name.length + 2, 0) <= width;
  const named = TAB_NAMES.map((name) => TABS.map(name));
  const names =
    named.find(fits) ?? TABS.map((tab, index) => (tab === state.tab ? named[0]![index]! : String(index + 1)));
  return TABS.map((tab, index) =>
    tab === state.tab ? style.inverse(`[${names[index]}]`) : ` ${names[index]} `,
  ).join('');
}

/** What of the detail its lines are made of. */
const SHOWN = ['delivery', 'trace', 'diagnosis', 'diagnosisError', 'error', 'id', 'toggled'] as const;

let cached: { state: State; lines: Line[] } | null = null;

/** The detail's lines; those of a large body are made once, not at every key. */
export function detailLinesOf(state: State, style: Style): Line[] {
  const was = cached?.state;
  const timed = ['attempts', 'AI job', 'trace'].includes(state.tab);
  const same =
    was !== undefined &&
    !timed &&
    was.tab === state.tab &&
    layoutOf(was).detailWidth === layoutOf(state).detailWidth &&
    selectedRecord(was)?.id === selectedRecord(state)?.id &&
    SHOWN.every((field) => was.detail[field] === state.detail[field]);
  if (same) return cached!.lines;
  const lines = detailLines(state, style);
  cached = { state, lines };
  return lines;
}
