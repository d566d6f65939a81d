import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../support/folder.ts';
import { runProgram } from '../support/program.ts';

const ROOT = join(import.meta.dirname, '../..');

/** Checks a copy of src/ in which files were added or have one more line. */
async function check(changes: Record<string, string>) {
  const root = tempFolder();
  cpSync(join(ROOT, 'src'), join(root, 'src'), { recursive: true });
  for (const [name, line] of Object.entries(changes)) {
    const file = join(root, 'src', name);
    mkdirSync(dirname(file), { recursive: true });
    let before = '';
    try {
      before = readFileSync(file, 'utf8');
    } catch {
      // A new file.
    }
    writeFileSync(file, `${line}\n${before}`);
  }
  return await runProgram(process.execPath, [join(ROOT, 'scripts/check-imports.mjs'), '--root', root]);
}

test('the house keeps its rules', async () => {
  expect(await check({})).toMatchObject({ code: 0, stderr: '' });
});

test.each([
  [
    'an import that no rule allows',
    { 'emulator/store/sweep.ts': "import '../delivery/engine.ts';" },
    'src/emulator/store/sweep.ts:1: emulator/store may not import emulator/delivery (values)',
  ],
  [
    'a type that no rule allows',
    { 'emulator/delivery/target.ts': "import type { Store } from '../store/store.ts';" },
    'emulator/delivery may not import emulator/store (types)',
  ],
  [
    'values where only types are allowed',
    { 'cli/config/load.ts': "import '../../emulator/settings.ts';" },
    'cli/config may not import emulator/settings.ts (values)',
  ],
  [
    'a package that no rule allows',
    { 'signing/sign.ts': "import 'node:fs';" },
    'signing may not import the package node:fs (values)',
  ],
  [
    'a circle of types',
    {
      'emulator/store/sweep.ts': "import type { A } from './new-a.ts';",
      'emulator/store/new-a.ts': "import type { B } from './new-b.ts';",
      'emulator/store/new-b.ts': "import type { A } from './new-a.ts';",
    },
    'circle: emulator/store/new-a.ts -> emulator/store/new-b.ts -> emulator/store/new-a.ts',
  ],
  [
    'a rule that nothing needs any more',
    { 'emulator/ids.ts': '/*', 'emulator/live-feed.ts': '' },
    'rule of emulator/ids.ts: nothing imports emulator/time',
  ],
  ['a new folder', { 'emulator/helpers/text.ts': '' }, 'src/emulator/helpers/text.ts: no rule for this room'],
  ['a new file at the root of a part', { 'cli/helpers.ts': '' }, 'src/cli/helpers.ts: no rule for this room'],
])('refuses %s', async (_, changes, problem) => {
  const { code, stderr } = await check(changes);
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(problem) });
});
