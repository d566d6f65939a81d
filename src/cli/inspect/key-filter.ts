const PASTE_BEGINS = '\x1b[200~';
const PASTE_ENDS = '\x1b[201~';
/** More than that nobody filters by; the rest is dropped. */
const LONGEST_PASTE = 64 * 1024;
/** A control sequence, or what terminals send for a key in application mode. */
const SEQUENCE = /\x1b(?:\[[0-?]*[ -/]*[@-~]|O[A-Za-z])/;
/** Its beginning, when the rest is still to come. */
const BEGUN = /\x1b(?:\[[0-?]*[ -/]*|O)$/;
/** Arrows, Home, End and Shift-Tab; Page up and down, Delete: with or without Shift, Alt and Ctrl. */
const KNOWN = /^\x1b(?:\[(?:1;\d+)?[ABCDFH]|O[ABCDFH]|\[Z|\[[1-8](?:;\d+)?~)$/;

/**
 * Takes out of what a terminal sends the sequences that are no keys of ours, and pasted text: Ink throws at
 * some sequences that it does not know (those of coloured text among them), and pasted letters must not act
 * as keys.
 *
 * @param onKeys is given keys, in the order in which they came.
 * @param onPaste is given a pasted text, whole.
 */
export function createKeyFilter(onKeys: (keys: string) => void, onPaste: (text: string) => void) {
  let held = '';
  let paste: string | null = null;
  let afterEscape = false;

  const keys = (text: string) => {
    if (text !== '') onKeys(text);
  };
  /** A sequence whose Escape came alone, before it. */
  const withoutTail = (chunk: string): string => {
    const tail = /^(?:\[[0-?]*[ -/]*[@-~]|O[A-Za-z])/.exec(chunk)?.[0];
    return tail === undefined || KNOWN.test(`\x1b${tail}`) ? chunk : chunk.slice(tail.length);
  };

  return (chunk: string): void => {
    let text = held + (afterEscape && held === '' ? withoutTail(chunk) : chunk);
    held = '';
    while (text !== '') {
      if (paste !== null) {
        paste += text;
        const end: number = paste.indexOf(PASTE_ENDS);
        if (end < 0) {
          // The end may be cut in two.
          if (paste.length > LONGEST_PASTE)
            paste = paste.slice(0, LONGEST_PASTE) + paste.slice(-PASTE_ENDS.length);
          return;
        }
        text = paste.slice(end + PASTE_ENDS.length);
        onPaste(paste.slice(0, Math.min(end, LONGEST_PASTE)));
        paste = null;
        continue;
      }
      const found = SEQUENCE.exec(text);
      if (found === null) {
        held = BEGUN.exec(text)?.[0] ?? '';
        text = text.slice(0, text.length - held.length);
        afterEscape = text.endsWith('\x1b');
        keys(text);
        return;
      }
      keys(text.slice(0, found.index));
      if (found[0] === PASTE_BEGINS) paste = '';
      else if (KNOWN.test(found[0])) keys(found[0]);
      text = text.slice(found.index + found[0].length);
    }
    afterEscape = false;
  };
}
