import { expect, test } from 'vitest';
import { tempFolder } from '../../support/folder.ts';
import { runCli } from '../../support/program.ts';

/** As `carvos trace "$ID"` calls it where ID is not set. */
test.each([
  ['reference_id', ['trace', '']],
  ['id', ['replay', 'dlv_1', '']],
  ['id', ['deliveries', 'show', '', '--curl']],
  ['before', ['diff', '', 'dlv_1']],
  ['id', ['jobs', 'rerun', '']],
  ['id', ['fault', 'clear', '']],
  ['client-id', ['workspace', 'add', '', '--name', 'n', '--admin-name', 'a', '--admin-email', 'a@b.example']],
])('%s is empty: %j', async (name, args) => {
  const { code, stdout, stderr } = await runCli(args, { cwd: tempFolder() });
  expect([code, stdout, stderr]).toEqual([
    2,
    '',
    expect.stringContaining(`error: ${name} is empty\n  next: `),
  ]);
});

test('the command of exec may have arguments that are empty', async () => {
  const { code, stdout } = await runCli(['exec', '--', 'printf', '[%s]', ''], { cwd: tempFolder() });
  expect([code, stdout]).toEqual([0, '[]']);
});
