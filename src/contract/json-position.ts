import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import type { JsonPath } from './json-path.ts';

/** Where things are in a JSON text, which `JSON.parse` forgets. Takes a parser: loaded where something is wrong. */

export interface TextPosition {
  /** One-based. */
  line: number;
  /** One-based, in UTF-16 units. */
  column: number;
}

/** Where a text stops being JSON with comments and trailing commas, and what is wrong there. */
export function findJsonProblem(text: string): TextPosition & { message: string } {
  const [problem] = readTree(text).errors;
  if (problem === undefined) return { line: 1, column: 1, message: 'it is empty or nested too deep' };
  // "CommaExpected": the words are in the name.
  const words = printParseErrorCode(problem.error).replace(
    /\B[A-Z]/g,
    (letter) => ` ${letter.toLowerCase()}`,
  );
  return { ...toPosition(text, problem.offset), message: words.toLowerCase() };
}

/** A function that gives the position of a path, of members that of their key; else of the nearest thing around it. */
export function createLocator(text: string): (path: JsonPath) => TextPosition {
  const { root } = readTree(text);
  return (path) => {
    let around = [...path];
    let node = root && findNodeAtLocation(root, around);
    while (root !== undefined && node === undefined) {
      around = around.slice(0, -1);
      node = findNodeAtLocation(root, around);
    }
    const named = node?.parent?.type === 'property' ? node.parent : node;
    return toPosition(text, named?.offset ?? 0);
  };
}

function readTree(text: string): { root: Node | undefined; errors: ParseError[] } {
  const errors: ParseError[] = [];
  try {
    return { root: parseTree(text, errors, { allowTrailingComma: true }), errors };
  } catch (error) {
    // It goes down by recursion.
    if (!(error instanceof RangeError)) throw error;
    return { root: undefined, errors: [] };
  }
}

function toPosition(text: string, offset: number): TextPosition {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}
