import { createPaint, type Paint } from '../terminal/output.ts';

/** Colours, where they are wanted. Reversed and bold are no colours, and stay. */
export interface Style extends Paint {
  inverse(text: string): string;
}

export function createStyle(color: boolean): Style {
  return {
    ...createPaint(color),
    bold: (text) => `\x1b[1m${text}\x1b[22m`,
    inverse: (text) => `\x1b[7m${text}\x1b[27m`,
  };
}
