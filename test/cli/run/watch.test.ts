import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../../support/folder.ts';
import { startCarvos } from '../../support/program.ts';

const flow = (name: string, step: string) =>
  `name: ${name}\nsteps:\n  - ${step}\n    expect: { outcome: delivered }\n`;

test('--watch runs again what a saved file is, or is used by; Ctrl-C ends it with 0', async () => {
  const folder = tempFolder();
  mkdirSync(join(folder, 'flows'));
  const put = (name: string, text: string) => {
    // As editors save: beside it, and moved over it.
    writeFileSync(join(folder, `${name}.new`), text);
    renameSync(join(folder, `${name}.new`), join(folder, name));
  };
  put('flows/a.yaml', flow('scenario a', 'send: candidate.created'));
  put('flows/b.yaml', flow('scenario b', 'send: ../body.json'));
  const program = startCarvos(['run', 'flows', '--watch'], { cwd: folder });
  const runs = () =>
    program.stdout.split('\n').flatMap((line) => /^(?:passed|failed) {2}scenario \w/.exec(line) ?? []);
  const waits = (count: number) =>
    program.waitUntil(() => program.stderr.split('watching for changes').length > count, `wait ${count}`);
  await waits(1);
  expect(runs()).toEqual(['passed  scenario a', 'failed  scenario b']);

  // It was used before it was there.
  put(
    'body.json',
    '{"event":"candidate.created","event_id":"e1","client_id":"acme-corp","user_id":"admin-user","candidate_id":"c1","first_name":"A","last_name":"B","email":"a@b.example"}',
  );
  await waits(2);
  expect(runs().slice(2)).toEqual(['passed  scenario b']);

  put('flows/a.yaml', 'steps:\n  - sned: x\n');
  await program.waitForText(/a\.yaml:2:5/);
  await waits(3);
  put('flows/a.yaml', flow('scenario a', 'send: vacancy.created'));
  await waits(4);
  expect(runs().slice(3)).toEqual(['passed  scenario a']);

  put('flows/c.yaml', flow('scenario c', 'send: vacancy.created'));
  await waits(5);
  expect(runs().slice(4)).toEqual(['passed  scenario c']);

  expect(await program.end('SIGINT')).toEqual({ code: 0, signal: null });
});
