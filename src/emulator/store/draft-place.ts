import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Beside what the drafts of a database are made: itself, or a name in the system's folder for one in memory. */
export function draftPlace(file: string): string {
  return file === ':memory:' ? join(tmpdir(), 'carvos-memory') : file;
}
