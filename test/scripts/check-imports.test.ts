import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { sharedFolder } from '../support/folder.ts';
import { type Result, runProgram } from '../support/program.ts';

const ROOT = join(import.meta.dirname, '../..');

const check = (root: string) =>
  runProgram(process.execPath, [join(ROOT, 'scripts/check-imports.mjs'), '--root', root]);

/** What is wrong, the files that get one more line or are new, and what is said. */
const SEEDS: [string, Record<string, string>, string][] = [
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
      'emulator/store/migrations.ts': "import type { A } from './new-a.ts';",
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
];

const copy = sharedFolder();
let said: Promise<Result> | undefined;

/** All of it at once: each has a line of its own in what is said. */
function checkSeeded(): Promise<Result> {
  cpSync(join(ROOT, 'src'), join(copy, 'src'), { recursive: true });
  for (const [name, line] of SEEDS.flatMap(([, changes]) => Object.entries(changes))) {
    const file = join(copy, 'src', name);
    mkdirSync(dirname(file), { recursive: true });
    const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
    writeFileSync(file, `${line}\n${before}`);
  }
  return check(copy);
}

test.each(SEEDS)('refuses %s', async (_, _changes, problem) => {
  said ??= checkSeeded();
  expect(await said).toMatchObject({ code: 1, stderr: expect.stringContaining(problem) });
});

test('and nothing else: the house keeps its rules', async () => {
  said ??= checkSeeded();
  const lines = (await said).stderr.trim().split('\n');
  const others = lines.filter((line) => SEEDS.every(([, , problem]) => !line.includes(problem)));
  expect(others).toEqual([`${SEEDS.length} import(s) against the rules`]);
});
