import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../../support/folder.ts';
import { isAlive } from '../../support/is-alive.ts';
import { startCarvos } from '../../support/program.ts';

/** Where nobody buries the dead they stay as zombies. */
test('Ctrl-C ends every child with what it started, and says what was done', async () => {
  const folder = tempFolder();
  writeFileSync(join(folder, 'a.yaml'), 'name: first\nsteps: [{ send: candidate.created }]\n');
  // A shell in a shell: only its process group knows them all.
  writeFileSync(
    join(folder, 'b.yaml'),
    `name: second\nsteps:\n  - run: sh -c 'sleep 600 & echo $! > step.pid; wait'\n    timeout: 10m\n  - send: candidate.created\n`,
  );
  writeFileSync(join(folder, 'c.yaml'), 'name: third\nsteps: [{ send: candidate.created }]\n');
  const args = ['run', 'a.yaml', 'b.yaml', 'c.yaml', '--junit', 'report.xml'];
  const start = ['--start', "sh -c 'sleep 600 & echo $! > ats.pid; wait'"];
  const program = startCarvos([...args, ...start], { cwd: folder });
  const pidOf = (name: string) =>
    program.waitUntil(() => {
      const file = join(folder, name);
      return existsSync(file) && Number(readFileSync(file, 'utf8'));
    }, name);
  const pids = [await pidOf('step.pid'), await pidOf('ats.pid')];
  expect(await program.end('SIGINT')).toEqual({ code: 130, signal: null });
  expect(pids.map(isAlive)).toEqual([false, false]);
  expect(program.stdout).toContain('interrupted');
  expect(program.stdout).toContain('1 of 3 scenarios passed, 1 failed, 1 not run');
  const xml = readFileSync(join(folder, 'report.xml'), 'utf8');
  expect(xml).toContain('<failure message="interrupted">');
});
