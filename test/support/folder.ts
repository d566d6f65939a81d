import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';

/** A folder for one test, with files in it; gone when the test ends. */
export function tempFolder(files: Record<string, string | Uint8Array> = {}): string {
  return makeFolder(onTestFinished, files);
}

/** A folder for all tests of a file, asked for at its top level; gone when they have ended. */
export function sharedFolder(): string {
  return makeFolder(afterAll, {});
}

function makeFolder(atEnd: (clean: () => void) => void, files: Record<string, string | Uint8Array>): string {
  const folder = mkdtempSync(join(tmpdir(), 'carvos-test-'));
  // A program that is being killed may still write.
  atEnd(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}
