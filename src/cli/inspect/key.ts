/** A key as the terminal gave it: a name, or the characters typed. */
export interface Key {
  name:
    | 'text'
    | 'up'
    | 'down'
    | 'left'
    | 'right'
    | 'page-up'
    | 'page-down'
    | 'home'
    | 'end'
    | 'enter'
    | 'escape'
    | 'tab'
    | 'back-tab'
    | 'backspace'
    | 'ctrl';
  text: string;
}

/** `j`, `page-down`, `ctrl-d`. */
export function nameOf(key: Key): string {
  if (key.name === 'text') return key.text;
  return key.name === 'ctrl' ? `ctrl-${key.text}` : key.name;
}

const MOVES: Readonly<Record<string, (page: number) => number>> = {
  down: () => 1,
  j: () => 1,
  up: () => -1,
  k: () => -1,
  'page-down': (page) => page,
  'ctrl-f': (page) => page,
  'page-up': (page) => -page,
  'ctrl-b': (page) => -page,
  'ctrl-d': (page) => Math.ceil(page / 2),
  'ctrl-u': (page) => -Math.ceil(page / 2),
  home: () => Number.NEGATIVE_INFINITY,
  g: () => Number.NEGATIVE_INFINITY,
  end: () => Number.POSITIVE_INFINITY,
  G: () => Number.POSITIVE_INFINITY,
};

/** By how many lines a key moves where a page has so many: to the very ends by an infinite number; `null` for another key. */
export function movement(name: string, page: number): number | null {
  return MOVES[name]?.(page) ?? null;
}

/** A text after a key was typed into it; `null` when the key does not edit. */
export function typed(text: string, key: Key): string | null {
  if (key.name === 'backspace') return [...text].slice(0, -1).join('');
  if (key.name === 'ctrl' && key.text === 'u') return '';
  return key.name === 'text' ? text + printable(key.text) : null;
}

/** What is pasted may hold line breaks and worse. */
export function printable(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, '');
}
