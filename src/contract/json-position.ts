import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import type * as z from 'zod';
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
  return { ...toPosition(lineStarts(text), problem.offset), message: words.toLowerCase() };
}

/** A function that gives the position of a path, of members that of their key; else of the nearest thing around it. */
export function createLocator(text: string): (path: JsonPath) => TextPosition {
  const { root } = readTree(text);
  const lines = lineStarts(text);
  // Each object or list is indexed once: a file may hold hundreds of thousands of wrong keys.
  const indexes = new Map<Node, Map<string | number, Node>>();
  const indexOf = (node: Node) => {
    const known = indexes.get(node) ?? indexChildren(node);
    indexes.set(node, known);
    return known;
  };
  return (path) => {
    let named = root;
    let value = root;
    for (const part of path) {
      const child: Node | undefined = value && indexOf(value).get(part);
      if (child === undefined) break;
      named = child;
      value = child.type === 'property' ? child.children?.[1] : child;
    }
    return toPosition(lines, named?.offset ?? 0);
  };
}

/**
 * What a schema says against a JSON text, each with its place. Of keys that are not known each is one, with `unknown`, and
 * its path ends with it; what is wrong with a key is told, and not that it is wrong.
 */
export function locateIssues(text: string, issues: readonly z.core.$ZodIssue[]) {
  const locate = createLocator(text);
  return issues.flatMap((issue) => {
    const at = issue.path.filter((part) => typeof part !== 'symbol');
    const unknown = issue.code === 'unrecognized_keys';
    const message = (issue.code === 'invalid_key' && issue.issues[0]?.message) || issue.message;
    const paths = unknown ? issue.keys.map((key) => [...at, key]) : [at];
    return paths.map((path) => ({ path, line: locate(path).line, message, unknown }));
  });
}

/** Members by key, items by number. */
function indexChildren({ type, children = [] }: Node): Map<string | number, Node> {
  const keyOf = (child: Node, at: number) =>
    type === 'object' ? (child.children?.[0]?.value as string) : at;
  return new Map(children.map((child, at) => [keyOf(child, at), child]));
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

/** Where each line begins. */
function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function toPosition(lines: readonly number[], offset: number): TextPosition {
  let low = 0;
  for (let high = lines.length; high - low > 1; ) {
    const middle = (low + high) >> 1;
    if (lines[middle]! <= offset) low = middle;
    else high = middle;
  }
  return { line: low + 1, column: offset - lines[low]! + 1 };
}
