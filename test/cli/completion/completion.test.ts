import { readdirSync } from 'node:fs';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { createCommand } from '../../../src/cli/command-line/create-command.ts';
import { COMMANDS } from '../../../src/cli/commands/index.ts';
import { createIo } from '../../../src/cli/terminal/io.ts';
import { PROBE_FACTS } from '../../../src/client/check/catalogue.ts';
import { INCOMING_EVENTS, OUTGOING_EVENTS } from '../../../src/contract/event-names.ts';
import { FAULT_KINDS } from '../../../src/contract/faults.ts';
import { runCli } from '../../support/program.ts';
import { havePrograms } from '../../support/require-program.ts';
import {
  type Complete,
  completeInBash,
  completeInFish,
  completeInZsh,
  folderWithFiles,
} from './in-shells.ts';

const SHELLS: Record<string, Complete> = { bash: completeInBash, zsh: completeInZsh, fish: completeInFish };
const FILES = ['body.json', 'sub'];

/** A line, and all that may be offered at its end. */
const CASES: [string, readonly string[]][] = [
  ['carvos se', ['send']],
  ['carvos help ver', ['verify']],
  ['carvos --v', ['--version']],
  ['carvos send ', [...INCOMING_EVENTS, ...FILES]],
  ['carvos send cand', ['candidate.created', 'candidate.updated', 'candidate.deleted']],
  ['carvos send bo', ['body.json']],
  ['carvos send --json cand', ['candidate.created', 'candidate.updated', 'candidate.deleted']],
  ['carvos send --client-id send work', ['workspace.created', 'workspace.member_added']],
  ['carvos trigger ', [...OUTGOING_EVENTS, ...FILES]],
  ['carvos events meeting.s', ['meeting.summary_ready']],
  ['carvos send --via ', ['webhook', 'rest']],
  ['carvos send candidate.created --via=r', ['rest']],
  ['carvos send --until s', ['settled', 'success']],
  ['carvos send --fault sta', ['stale']],
  ['carvos send --expect status=', ['success', 'failed']],
  ['carvos send --cv bo', ['body.json']],
  ['carvos fault add ', FAULT_KINDS],
  ['carvos fault add slow --on a', ['ai']],
  ['carvos deliveries ', ['list', 'show']],
  ['carvos deliveries --outcome ', ['success', 'failure', 'error', 'interrupted']],
  ['carvos deliveries list --direction=o', ['outgoing']],
  ['carvos deliveries --event workspace.p', ['workspace.provisioned']],
  ['carvos check --skip ', PROBE_FACTS.map(({ id }) => id)],
  ['carvos check --only raw-bytes,conc', ['concurrent']],
  ['carvos check --only=raw-bytes,conc', ['concurrent']],
  ['carvos check --fail-on r', ['required', 'recommended']],
  ['carvos dev --speed m', ['max', 'manual']],
  ['carvos dev --record ', ['sub']],
  ['carvos dev --db :m', ['memory:']],
  ['carvos dev --ai ', ['stub', 'proxy', 'module']],
  ['carvos clock adv', ['advance']],
  ['carvos clock speed 6', ['60', '600']],
  ['carvos config rotate ', ['api-key', 'incoming-secret', 'outgoing-secret']],
  ['carvos workspace ', ['list', 'add', 'member-add']],
  ['carvos env --format d', ['dotenv']],
  ['carvos completion ', ['bash', 'zsh', 'fish']],
  ['carvos reset --color ', ['auto', 'always', 'never']],
  ['carvos sign ', FILES],
  ['carvos sign -- bo', ['body.json']],
  ['carvos status --config=bo', ['body.json']],
  ['carvos exec -- ls su', ['sub']],
  ['carvos exec --speed max -- cat bo', ['body.json']],
  // Ids, URLs, numbers: nothing, and no file names either.
  ['carvos trace ', []],
  ['carvos replay ', []],
  ['carvos diff ', []],
  ['carvos deliveries show ', []],
  ['carvos verify --delivery ', []],
  ['carvos send --url ', []],
  ['carvos check ', []],
  ['carvos send x --port=', []],
  ['carvos nonsense ', []],
  ['carvos send candidate.created ', []],
];

/** Without description, slash, or what stood there already. Each shell gives more or less of that. */
function wordOf(offered: string): string {
  const [word = ''] = offered.split('\t');
  return word
    .replace(/\/$/, '')
    .replace(/^.*[=,](?=.)/, '')
    .replace(/=$/, '')
    .replace(/^:/, '');
}

const HOSTILE = [
  '$(touch pwned)',
  '`touch pwned`',
  '(touch pwned)',
  '<(touch pwned)',
  ';touch pwned;',
  '|touch pwned',
  '$' + '{x:-$(touch pwned)}',
  '--via=$(touch pwned)',
  '--only=raw-bytes,$(touch pwned)',
  '--config=(touch pwned)',
  '"',
  "'",
  "$'\\x",
  '\\',
  '*',
  '[a',
  '{a,b}',
  '~nobody',
  '!!',
  '-n',
  '%s%n',
  'é…→',
  'a[$(touch pwned)]',
];

describe.each(Object.entries(SHELLS))('completion in %s', (shell, complete) => {
  const left = !havePrograms(`completion in ${shell}`, shell);

  test.skipIf(left)('offers what fits, and nothing else', () => {
    const found = complete(
      folderWithFiles(),
      CASES.map(([line]) => line),
    );
    const reported = CASES.map(([line], index) => {
      // Where no argument is left, zsh offers the flags without being asked.
      const words = found[index]!.map(wordOf).filter((word) => !word.startsWith('-') || line.endsWith('--v'));
      return [line, [...new Set(words)].sort()];
    });
    expect(reported).toEqual(CASES.map(([line, words]) => [line, [...words].sort()]));
  });

  test.skipIf(left)('knows every subcommand and flag of every command', async () => {
    const lines: string[] = [];
    const wanted: string[][] = [];
    const visit = (path: string, command: Command) => {
      lines.push(`carvos ${path} --`);
      wanted.push(command.options.map(({ long }) => long!).concat('--help'));
      if (command.commands.length > 0) {
        lines.push(`carvos ${path} `);
        wanted.push(command.commands.map((child) => child.name()));
      }
      for (const child of command.commands) visit(`${path} ${child.name()}`, child);
    };
    for (const name of Object.keys(COMMANDS)) visit(name, await createCommand(name, createIo()));
    lines.push('carvos ');
    wanted.push([...Object.keys(COMMANDS), 'help']);
    const found = complete(folderWithFiles(), lines);
    for (const [index, words] of wanted.entries()) {
      expect(found[index]!.map(wordOf), lines[index]).toEqual(expect.arrayContaining(words));
    }
  });

  test.skipIf(left)('runs nothing of what was typed, and goes on', () => {
    const cwd = folderWithFiles();
    const lines = HOSTILE.flatMap((word) => [
      `carvos ${word}`,
      `carvos send ${word}`,
      `carvos check --only ${word}`,
      `carvos ${word} --via `,
      `carvos exec -- ls ${word}`,
    ]);
    const found = complete(cwd, [...lines, 'carvos se']);
    expect(found).toHaveLength(lines.length + 1);
    expect(found.at(-1)!.map(wordOf)).toEqual(['send']);
    expect(readdirSync(cwd).sort()).toEqual(FILES);
  });
});

describe('completion in bash', () => {
  test.each([
    ['strict settings', 'set -euo pipefail; shopt -s failglob'],
    ['another IFS', 'IFS=e,'],
    ['no globs', 'set -f; shopt -s nocasematch nullglob'],
  ])('does not mind %s', (_what, before) => {
    const lines = ['carvos se', 'carvos send --via ', 'carvos check --only raw-bytes,conc', 'carvos trace '];
    const found = completeInBash(folderWithFiles(), lines, before);
    expect(found).toEqual([['send'], ['webhook', 'rest'], ['raw-bytes,concurrent'], []]);
  });

  test('completes at the cursor, not at the end of the line', () => {
    const lines = ['carvos sen‸d x --json', 'carvos send --via=r‸e --json', 'carvos send ‸ --json'];
    const [command, value, event] = completeInBash(folderWithFiles(), lines);
    expect({ command, value }).toEqual({ command: ['send'], value: ['rest'] });
    expect(event).toContain('candidate.created');
  });
});

describe('completion in fish', () => {
  test.skipIf(!havePrograms('descriptions in fish', 'fish'))('describes commands, flags and events', () => {
    const [commands, flags, events] = completeInFish(folderWithFiles(), [
      'carvos sta',
      'carvos sign --time',
      'carvos send vacancy.c',
    ]);
    expect(commands).toEqual([`status\t${COMMANDS.status!.summary}`]);
    expect(flags).toEqual(['--timestamp\tt, as Unix seconds or ISO 8601 (default: now)']);
    expect(events).toEqual(['vacancy.created\ta vacancy is new']);
  });
});

describe('carvos completion', () => {
  test('prints the script alone, or as JSON', async () => {
    const { code, stdout, stderr } = await runCli(['completion', 'bash']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^# bash completion for carvos \d+\.\d+\.\d+/);
    const json = JSON.parse((await runCli(['completion', 'bash', '--json'])).stdout);
    expect(json).toMatchObject({ version: 2, shell: 'bash', script: stdout });
  });

  test('suggests the nearest shell, and ends with 2', async () => {
    const { code, stderr } = await runCli(['completion', 'zhs']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/no completion for zhs.*Did you mean zsh/s);
    expect((await runCli(['completion'])).code).toBe(2);
  });

  test('says at the end of its help how to install it', async () => {
    const { stdout } = await runCli(['completion', '--help']);
    for (const shell of ['bash', 'zsh', 'fish']) expect(stdout).toContain(`carvos completion ${shell}`);
  });
});
