import { Box, Text, useInput } from 'ink';
import { useSyncExternalStore } from 'react';
import type { Line } from '../json-lines.ts';
import { type Key, readKey, type Seen } from '../keys.ts';
import { layoutOf, type State, selectedRecord, TABS } from '../state.ts';
import type { Store } from '../store.ts';
import { type Style, toWidth } from '../style.ts';
import { filterLine, headerLine, keysLine, statusLine } from './bars.ts';
import { detailLines } from './detail-lines.ts';
import { listLines } from './list-lines.ts';
import { helpLines, pickLines, promptLines } from './overlays.ts';
import { toKeys } from './to-keys.ts';

interface Props {
  store: Store;
  style: Style;
}

/** The whole screen. */
export function App({ store, style }: Props) {
  const state = useSyncExternalStore(store.subscribe, store.get);
  useInput((input, key) => {
    // Characters that came at once are keys one after the other; pasted text is.
    for (const one of toKeys(input, key, isTyping(store.get()))) press(store, one, style);
  });
  const { filterRow, wide } = layoutOf(state);
  return (
    <Box flexDirection="column" width={state.columns} height={state.rows}>
      <Row text={headerLine(state, style)} />
      {filterRow ? <Row text={filterLine(state, style)} /> : null}
      <Box flexGrow={1} flexDirection="row" overflow="hidden">
        <Body state={state} style={style} wide={wide} />
      </Box>
      <Row text={statusLine(state, style)} />
      <Row text={keysLine(state, style)} />
    </Box>
  );
}

function Body({ state, style, wide }: { state: State; style: Style; wide: boolean }) {
  const { overlay } = state;
  const { listWidth, detailWidth } = layoutOf(state);
  if (overlay?.kind === 'help') {
    const lines = helpLines(state, style);
    const rows = state.rows - 3;
    const top = Math.max(0, Math.min(overlay.top, lines.length - rows));
    return <Lines lines={lines.slice(top, top + rows)} width={state.columns} />;
  }
  if (overlay?.kind === 'pick')
    return <Lines lines={pickLines(overlay, state, style)} width={state.columns} />;
  if (overlay?.kind === 'prompt')
    return <Lines lines={promptLines(overlay, state, style)} width={state.columns} />;
  if (!wide) {
    return state.pane === 'list' ? (
      <Lines lines={listLines(state, style)} width={listWidth} />
    ) : (
      <Detail state={state} style={style} width={detailWidth} />
    );
  }
  return (
    <>
      <Lines lines={listLines(state, style)} width={listWidth} />
      <Lines lines={Array.from({ length: Math.max(1, state.rows) }, () => style.dim('│'))} width={2} />
      <Detail state={state} style={style} width={detailWidth} />
    </>
  );
}

function Detail({ state, style, width }: { state: State; style: Style; width: number }) {
  const { detailRows } = layoutOf(state);
  const { detail } = state;
  const lines = linesOf(state, style);
  const line = Math.min(detail.line, Math.max(0, lines.length - 1));
  const top = Math.max(0, Math.min(detail.top, lines.length - 1));
  const shown = lines.slice(top, top + detailRows);
  const rest = lines.length - top - shown.length;
  const where = lines.length > detailRows ? `${line + 1}/${lines.length}${rest > 0 ? ' ↓' : ''}` : '';
  return (
    <Lines
      width={width}
      lines={[
        tabsLine(state, width, style),
        style.dim(toWidth(`${selectedRecord(state)?.id ?? ''}  ${where}`, width)),
        ...shown.map(({ text }, index) => {
          const current = state.pane === 'detail' && top + index === line;
          return `${current ? style.inverse('›') : ' '} ${text}`;
        }),
      ]}
    />
  );
}

/** All tabs where they toWidth, else the open one between its neighbours' numbers. */
function tabsLine(state: State, width: number, style: Style): string {
  const names = TABS.map((tab, index) => `${index + 1} ${tab}`);
  const full = names.reduce((sum, name) => sum + name.length + 3, 0) <= width;
  return TABS.map((tab, index) => {
    const open = tab === state.tab;
    const name = full || open ? names[index]! : String(index + 1);
    return open ? style.inverse(`[${name}]`) : ` ${name} `;
  }).join('');
}

function Lines({ lines, width }: { lines: readonly string[]; width: number }) {
  return (
    <Box flexDirection="column" width={width} flexShrink={0}>
      {lines.map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place on the screen
        <Row key={index} text={line} />
      ))}
    </Box>
  );
}

function Row({ text }: { text: string }) {
  return (
    <Box height={1} flexShrink={0}>
      <Text wrap="truncate">{text === '' ? ' ' : text}</Text>
    </Box>
  );
}

function press(store: Store, key: Key, style: Style): void {
  const state = store.get();
  const intent = readKey(state, key, seenBy(state, style));
  if (intent === null) return;
  if ('do' in intent) store.perform(intent.do);
  else for (const action of intent.set) store.dispatch(action);
}

function seenBy(state: State, style: Style): Seen {
  if (state.pane !== 'detail') return { detailLines: 0, foldAtLine: null, folds: [] };
  const lines = linesOf(state, style);
  return {
    detailLines: lines.length,
    foldAtLine: lines[Math.min(state.detail.line, lines.length - 1)]?.fold ?? null,
    folds: lines.flatMap((line) => (line.fold === undefined || line.fold === '' ? [] : [line.fold])),
  };
}

function isTyping(state: State): boolean {
  return state.filter.editing || (state.overlay !== null && state.overlay.kind !== 'help');
}

let cached: { state: State; lines: Line[] } | null = null;

/** The detail's lines; those of a large body are made once, not at every key. */
function linesOf(state: State, style: Style): Line[] {
  const was = cached?.state;
  const timed = state.tab === 'attempts';
  const same =
    was !== undefined &&
    !timed &&
    was.tab === state.tab &&
    was.columns === state.columns &&
    selectedRecord(was)?.id === selectedRecord(state)?.id &&
    was.detail.delivery === state.detail.delivery &&
    was.detail.trace === state.detail.trace &&
    was.detail.diagnosis === state.detail.diagnosis &&
    was.detail.diagnosisError === state.detail.diagnosisError &&
    was.detail.error === state.detail.error &&
    was.detail.id === state.detail.id &&
    was.detail.toggled === state.detail.toggled;
  if (same) return cached!.lines;
  const lines = detailLines(state, style);
  cached = { state, lines };
  return lines;
}
