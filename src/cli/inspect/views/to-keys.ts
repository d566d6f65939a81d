import type { Key as InkKey } from 'ink';
import type { Key } from '../key.ts';

/**
 * Keys of ours from what Ink reads. Keys that were pressed fast, or pasted, come at once: each control
 * character among them is a key of its own, and so is each letter unless something is being typed.
 */
export function toKeys(input: string, key: InkKey, typing: boolean): Key[] {
  const named = nameOf(key);
  if (named !== null) return [{ name: named, text: '' }];
  if (key.ctrl) return [{ name: 'ctrl', text: input }];
  if (input === '') return [];
  // Alt means nothing here: it is Escape and a key, come at once over a slow connection.
  if (key.meta && /^[\x21-\x7e]$/.test(input))
    return [
      { name: 'escape', text: '' },
      { name: 'text', text: input },
    ];
  if (key.meta) return [];
  return input
    .replaceAll('\r\n', '\r')
    .split(/([\x00-\x1f\x7f])/)
    .filter((part) => part !== '')
    .flatMap((part): Key[] => {
      if (/^[\x00-\x1f\x7f]$/.test(part)) return controlKey(part);
      return typing ? [{ name: 'text', text: part }] : [...part].map((text) => ({ name: 'text', text }));
    });
}

function controlKey(character: string): Key[] {
  if (character === '\r' || character === '\n') return [{ name: 'enter', text: '' }];
  if (character === '\t') return [{ name: 'tab', text: '' }];
  if (character === '\x7f' || character === '\b') return [{ name: 'backspace', text: '' }];
  const code = character.charCodeAt(0);
  return code >= 1 && code <= 26 ? [{ name: 'ctrl', text: String.fromCharCode(code + 96) }] : [];
}

function nameOf(key: InkKey): Key['name'] | null {
  if (key.upArrow) return 'up';
  if (key.downArrow) return 'down';
  if (key.leftArrow) return 'left';
  if (key.rightArrow) return 'right';
  if (key.pageUp) return 'page-up';
  if (key.pageDown) return 'page-down';
  if (key.home) return 'home';
  if (key.end) return 'end';
  if (key.return) return 'enter';
  if (key.escape) return 'escape';
  if (key.tab) return key.shift ? 'back-tab' : 'tab';
  if (key.backspace || key.delete) return 'backspace';
  return null;
}
