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

/** A text after a key was typed into it; `null` when the key does not edit. */
export function typed(text: string, key: Key): string | null {
  if (key.name === 'backspace') return withoutLast(text);
  if (key.name === 'ctrl' && key.text === 'u') return '';
  return key.name === 'text' ? text + printable(key.text) : null;
}

/** Without its last character. */
export function withoutLast(text: string): string {
  return [...text].slice(0, -1).join('');
}

/** What is pasted may hold line breaks and worse. */
export function printable(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, '');
}
