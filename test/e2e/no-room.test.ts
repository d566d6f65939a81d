import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { tempFolder } from '../support/folder.ts';
import { CARVOS, runProgram } from '../support/program.ts';

const FULL = '/dev/full';
const hasFull = existsSync(FULL);
if (!hasFull) process.stderr.write('\n!!! SKIPPED: output to a full disk; this system has no /dev/full.\n\n');

test.skipIf(!hasFull).each([
  ['a command', 'events'],
  ['a light one', 'sign'],
  ['what is printed before any command', '--help'],
])('output that finds no room is told, and is no bug: %s', async (_name, word) => {
  const full = ['-c', `exec "$0" "$@" >${FULL}`, process.execPath, CARVOS, word];
  const { code, stderr } = await runProgram('sh', full, { cwd: tempFolder(), input: '{}' });
  expect(stderr).toBe(
    'error: cannot write: the disk is full\n  next: make room there, or let it write elsewhere\n',
  );
  expect(code).toBe(2);
});
