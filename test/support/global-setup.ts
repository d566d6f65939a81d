import { spawnSync } from 'node:child_process';
import { delimiter, dirname } from 'node:path';

/**
 * Puts the interpreter itself before what a version manager has under its name: such a script looks for it anew at
 * each of the hundreds of starts.
 */
export default function setup(): void {
  const { stdout } = spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' });
  const path = dirname(stdout?.trim() ?? '') + delimiter;
  // Once for each project.
  if (stdout && !process.env.PATH!.startsWith(path)) process.env.PATH = path + process.env.PATH;
}
