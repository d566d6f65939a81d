import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** A module with more files of its own than that is not followed further. */
const MAX_FILES = 500;

/** What stands for a relative import: `from './a.js'`, `import './a.js'`, `import('./a.js')`, `require('./a')`. */
const IMPORT = /\b(?:from|import|require)\s*\(?\s*(['"])(\.{1,2}\/[^'"\n]+)\1/g;
/** What `require` adds where a name has no such file. */
const ENDINGS = ['', '.js', '.cjs', '.mjs', '.json', '/index.js'];

/**
 * A module and all that it imports by a relative path, at any depth; also files that are not there yet, as
 * their coming matters. Packages are left out. A path that is put together at run time is not seen.
 */
export function listModuleFiles(path: string): string[] {
  const files = new Set([path]);
  for (const file of files) {
    if (!/\.(?:[cm]?js)$/.test(file)) continue;
    for (const [, , specifier] of readText(file).matchAll(IMPORT)) {
      if (files.size < MAX_FILES) files.add(find(resolve(dirname(file), specifier!)));
    }
  }
  return [...files];
}

function find(path: string): string {
  return ENDINGS.map((ending) => path + ending).find(isFile) ?? path;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
