import type { Key as InkKey } from 'ink';
import type { Key } from '../keys.ts';

/** Keys of ours from what Ink reads. While something is typed, what comes at once stays together. */
export function toKeys(input: string, key: InkKey, typing: boolean): Key[] {
  const named = nameOf(key);
  if (named !== null) return [{ name: named, text: '' }];
  if (key.ctrl) return [{ name: 'ctrl', text: input }];
  // Alt with a key means nothing here.
  if (key.meta || input === '') return [];
  const enter = /[\r\n]/;
  if (!enter.test(input)) {
    return typing ? [{ name: 'text', text: input }] : [...input].map((text) => ({ name: 'text', text }));
  }
  // Typed ahead, or pasted: Enter within it counts once something typed may be meant.
  return input
    .split(/(\r\n|\r|\n)/)
    .filter((part) => part !== '')
    .flatMap((part): Key[] => {
      if (enter.test(part)) return [{ name: 'enter', text: '' }];
      return typing ? [{ name: 'text', text: part }] : [...part].map((text) => ({ name: 'text', text }));
    });
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
