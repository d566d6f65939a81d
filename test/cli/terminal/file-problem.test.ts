import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileProblem } from '../../../src/cli/terminal/io.ts';
import { tempFolder } from '../../support/folder.ts';

const folder = () => tempFolder({ file: '' });

test.each<[string, (at: string) => unknown]>([
  ['no such file', (at) => readFileSync(join(at, 'none'))],
  ['no such folder', (at) => writeFileSync(join(at, 'none', 'x'), '')],
  ['it is a folder', (at) => readFileSync(at)],
  ['a part of its path is a file', (at) => readFileSync(join(at, 'file', 'x'))],
  ['a part of its path is a file', (at) => mkdirSync(join(at, 'file'), { recursive: true })],
  [
    'its links lead in a circle',
    (at) => {
      symlinkSync('loop', join(at, 'loop'));
      return readFileSync(join(at, 'loop'));
    },
  ],
  [
    'its link leads nowhere',
    (at) => {
      symlinkSync('none', join(at, 'link'));
      return readFileSync(join(at, 'link'));
    },
  ],
  ['the disk is full', () => writeFileSync('/dev/full', 'x')],
])('what the file system refuses is told in words: %s', (words, act) => {
  let problem: unknown;
  try {
    act(folder());
  } catch (error) {
    problem = error;
  }
  expect(fileProblem(problem)).toBe(words);
});
