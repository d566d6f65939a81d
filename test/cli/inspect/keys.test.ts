import { describe, expect, test } from 'vitest';
import { nextSpeed } from '../../../src/cli/inspect/actions.ts';
import type { Effect } from '../../../src/cli/inspect/intent.ts';
import type { Key } from '../../../src/cli/inspect/key.ts';
import { readKey } from '../../../src/cli/inspect/keys.ts';
import { type Action, reduce } from '../../../src/cli/inspect/reducer.ts';
import { initialState, type State } from '../../../src/cli/inspect/state.ts';
import { toKeys } from '../../../src/cli/inspect/views/to-keys.ts';
import { page } from './records.ts';

const seen = { detailLines: 50, foldAtLine: '/a', folds: ['/a', '/b'], helpLines: 40 };
const key = (text: string): Key => ({ name: 'text', text });
const named = (name: Key['name'], text = ''): Key => ({ name, text });

function list(): State {
  return reduce(initialState(80, 24, 0), {
    type: 'log.loaded',
    generation: 0,
    page: page(50, 1),
    from: 'newest',
  });
}

/** Presses keys one after the other; returns the state, and what was asked to be done. */
function press(state: State, ...keys: Key[]): { state: State; done: Effect[] } {
  const done: Effect[] = [];
  for (const one of keys) {
    const intent = readKey(state, one, seen);
    if (intent === null) continue;
    if ('do' in intent) done.push(intent.do);
    else state = intent.set.reduce((before: State, action: Action) => reduce(before, action), state);
  }
  return { state, done };
}

describe('in the list', () => {
  test.each([
    [key('j'), 1],
    [named('down'), 1],
    [named('page-down'), 19],
    [named('ctrl', 'd'), 10],
  ])('%o moves', (one, by) => {
    expect(press(list(), one).state.log.selected).toBe(by);
    const back = {
      down: named('up'),
      'page-down': named('page-up'),
      ctrl: named('ctrl', 'u'),
      text: key('k'),
    };
    expect(press(list(), one, back[one.name as 'down']).state.log.selected).toBe(0);
  });

  test.each<[string, Effect['type']]>([
    ['r', 'replay'],
    ['e', 'replay.edited'],
    ['y', 'copy.curl'],
    ['i', 'copy.id'],
    ['s', 'pick.event'],
    [' ', 'clock.pause'],
    ['n', 'clock.next'],
    ['+', 'clock.speed'],
    ['-', 'clock.speed'],
    ['q', 'quit'],
  ])('%s does %s, also in the detail', (text, type) => {
    expect(press(list(), key(text)).done.map((one) => one.type)).toEqual([type]);
    expect(press(list(), named('enter'), key(text)).done.map((one) => one.type)).toEqual([type]);
  });

  test('a key without a meaning changes nothing', () => {
    for (const text of ['b', 'Q', '\\', 'é', '0', '🙂']) {
      const before = list();
      expect(press(before, key(text))).toEqual({ state: before, done: [] });
    }
  });

  test('G and g ask for the oldest and the newest', () => {
    const { state } = press(list(), key('G'));
    expect(state.log.selected).toBe(49);
    expect(press(state, key('g')).state.log.following).toBe(true);
  });
});

describe('the filter', () => {
  test('takes letters that are keys elsewhere; Enter keeps it, Esc clears it', () => {
    const typed = press(list(), key('/'), key('q'), key('r'), named('backspace'), key('s')).state;
    expect(typed.filter).toMatchObject({ text: 'qs', editing: true });
    const kept = press(typed, named('enter')).state;
    expect(kept.filter).toMatchObject({ text: 'qs', editing: false });
    expect(press(kept, named('escape')).state.filter).toMatchObject({ text: '', editing: false });
    expect(press(typed, named('escape')).state.filter).toMatchObject({ text: '', editing: false });
  });

  test('Ctrl-C leaves also while typing', () => {
    expect(press(list(), key('/'), named('ctrl', 'c')).done).toEqual([{ type: 'quit' }]);
  });

  test('d and o go round and come back to all', () => {
    const directions = [];
    let state = list();
    for (let i = 0; i < 3; i++) {
      state = press(state, key('d')).state;
      directions.push(state.filter.direction);
    }
    expect(directions).toEqual(['incoming', 'outgoing', null]);
    const outcomes = [];
    for (let i = 0; i < 5; i++) {
      state = press(state, key('o')).state;
      outcomes.push(state.filter.outcome);
    }
    expect(outcomes).toEqual(['success', 'failure', 'error', 'interrupted', null]);
  });

  test('a number opens what is selected at that tab, and nothing where there is nothing', () => {
    const opened = press(list(), key('j'), key('4')).state;
    expect({ pane: opened.pane, tab: opened.tab }).toEqual({ pane: 'detail', tab: 'signature' });
    expect(press(list(), key('7')).state.pane).toBe('list');
    expect(press(initialState(80, 24, 0), key('4')).state).toMatchObject({ pane: 'list', tab: 'request' });
  });

  test('what is pasted loses its control characters', () => {
    expect(press(list(), key('/'), key('a\x1b[31mb\n')).state.filter.text).toBe('a[31mb');
  });
});

describe('in the detail', () => {
  const open = () => press(list(), named('enter')).state;

  test('tabs by Tab, arrows and number, round and round', () => {
    expect(press(open(), named('tab')).state.tab).toBe('response');
    expect(press(open(), named('back-tab')).state.tab).toBe('trace');
    expect(press(open(), key('4')).state.tab).toBe('signature');
    expect(press(open(), key('6'), named('right')).state.tab).toBe('request');
  });

  test('Enter folds here, z everywhere, J and K change the record, Esc goes back', () => {
    expect([...press(open(), named('enter')).state.detail.toggled]).toEqual(['/a']);
    expect([...press(open(), key('z')).state.detail.toggled]).toEqual(['/a', '/b']);
    expect(press(open(), key('J'), key('J'), key('K')).state.log.selected).toBe(1);
    expect(press(open(), named('escape')).state.pane).toBe('list');
  });

  test('the cursor stops at both ends', () => {
    expect(press(open(), key('k')).state.detail.line).toBe(0);
    expect(press(open(), key('G'), key('j')).state.detail.line).toBe(49);
  });
});

describe('prompts', () => {
  test('t and a hand over what was typed; Esc and an empty line do nothing', () => {
    expect(press(list(), key('t'), key('3001'), named('enter')).done).toEqual([
      { type: 'replay.to', target: '3001' },
    ]);
    expect(press(list(), key('a'), key('5mm'), named('backspace'), named('enter')).done).toEqual([
      { type: 'clock.advance', duration: '5m' },
    ]);
    const closed = press(list(), key('a'), key('5'), named('escape'));
    expect(closed.done).toEqual([]);
    expect(closed.state.overlay).toBeNull();
    expect(press(list(), key('t'), named('enter')).state.overlay).toBeNull();
  });

  test('an event is picked by typing a part of its name; Tab edits it first', () => {
    const items = ['candidate.created', 'vacancy.created', 'vacancy.updated'];
    const state = reduce(list(), { type: 'overlay', overlay: { kind: 'pick', items, index: 0, query: '' } });
    expect(press(state, key('vac'), named('down'), named('enter')).done).toEqual([
      { type: 'send', event: 'vacancy.updated', edit: false },
    ]);
    expect(press(state, named('tab')).done).toEqual([
      { type: 'send', event: 'candidate.created', edit: true },
    ]);
    expect(press(state, key('zzz'), named('enter')).done).toEqual([]);
  });

  test('? opens the help and closes it', () => {
    const help = press(list(), key('?'));
    expect(help.state.overlay?.kind).toBe('help');
    expect(press(help.state, key('r')).done).toEqual([]);
    expect(press(help.state, key('?')).state.overlay).toBeNull();
  });
});

test('keys that come at once are taken one by one; while typing, text stays together', () => {
  const none = {} as Parameters<typeof toKeys>[1];
  expect(toKeys('jj', none, false)).toEqual([key('j'), key('j')]);
  expect(toKeys('abc\r', none, true)).toEqual([key('abc'), named('enter')]);
  expect(toKeys('\x7f\x7f', none, true)).toEqual([named('backspace'), named('backspace')]);
  expect(toKeys('\x15x', none, true)).toEqual([named('ctrl', 'u'), key('x')]);
});

test('the clock goes faster and slower by steps, from manual to max', () => {
  expect(nextSpeed('running', 60, true)).toBe(600);
  expect(nextSpeed('running', 60, false)).toBe(10);
  expect(nextSpeed('running', 45, true)).toBe(60);
  expect(nextSpeed('running', 36_000, true)).toBe('max');
  expect(nextSpeed('max', null, false)).toBe(36_000);
  expect(nextSpeed('running', 1, false)).toBe('manual');
  expect(nextSpeed('manual', null, true)).toBe(1);
});
