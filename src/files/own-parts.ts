import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { Worker, WorkerOptions } from 'node:worker_threads';
import { findBuilt } from './find-built.ts';

// carvos comes in two forms: a package of files that Node runs, and one program with Node and the files inside. Where
// a file of its own is, and how it starts itself, is answered here and nowhere else.

/** Whether this is the program that needs no Node. Set by its build. */
export const IS_ONE_FILE: boolean = typeof __CARVOS_ONE_FILE__ === 'boolean' && __CARVOS_ONE_FILE__;

/** What the one-file program does instead of being carvos, when it starts itself. */
export type Part = 'name-lookup' | 'snapshot-reader' | 'check-syntax';
/** Stands before the part's name, as the program's first argument. */
export const PART_FLAG = '--carvos-part=';

/** A file of the build, such as `portal/page.html`; `null` where it is missing. */
export function readOwnFile(name: string): Buffer | null {
  if (IS_ONE_FILE) return readAsset(name);
  const path = findBuilt(name);
  return path === null ? null : readFileSync(path);
}

/** A thread of a file of the build; `null` where it is missing. */
export function startThread(name: 'cv-text-thread', options: WorkerOptions): Worker | null {
  // Most commands that start a process start no thread.
  const { Worker } = process.getBuiltinModule('node:worker_threads');
  if (IS_ONE_FILE) {
    const code = readAsset(`${name}.cjs`);
    return code && new Worker(code.toString(), { ...options, eval: true });
  }
  const path = findBuilt(`${name}.mjs`);
  return path === null ? null : new Worker(pathToFileURL(path), options);
}

export interface OwnProcess {
  part: Part;
  args?: string[];
  /** Flags of Node for this process. */
  flags?: string[];
  /** What Node is given where there are files: does the same as the part with its arguments. */
  node(): string[];
}

/** The command that starts a process of carvos's own, and its arguments. */
export function ownProcess({ part, args = [], flags = [], node }: OwnProcess): [string, string[]] {
  if (!IS_ONE_FILE) return [process.execPath, [...flags, ...node()]];
  // Node's own arguments are the program's: it takes those of Node in this one alone.
  const nodeOptions = flags.length === 0 ? [] : [`--node-options=${flags.join(' ')}`];
  return [process.execPath, [...nodeOptions, PART_FLAG + part, ...args]];
}

/** The command that starts carvos once more, and its arguments. */
export function ownCommand(args: readonly string[]): [string, string[]] {
  return [process.execPath, IS_ONE_FILE ? [...args] : [process.argv[1]!, ...args]];
}

function readAsset(name: string): Buffer | null {
  const { getAsset } = process.getBuiltinModule('node:sea');
  try {
    return Buffer.from(getAsset(name));
  } catch {
    return null;
  }
}
