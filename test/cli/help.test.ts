import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { createCommand } from '../../src/cli/command-line/create-command.ts';
import { defaultCommand } from '../../src/cli/command-line/format-help.ts';
import { GLOBAL_FLAGS } from '../../src/cli/command-line/globals.ts';
import { rootHelp } from '../../src/cli/command-line/help.ts';
import { COMMANDS } from '../../src/cli/commands/index.ts';
import { createIo } from '../../src/cli/terminal/io.ts';
import { expectKnownFlags } from '../support/known-flags.ts';

const ROOT = join(import.meta.dirname, '../..');
const WIDTH = 110;

/** Every command and subcommand, with what `--help` prints on a terminal of `WIDTH` columns. */
async function readHelps(): Promise<[words: string, command: Command, text: string][]> {
  const helps: [string, Command, string][] = [];
  const visit = (command: Command, words: string) => {
    let text = '';
    command.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => WIDTH });
    command.outputHelp();
    helps.push([words, command, text]);
    for (const child of command.commands) visit(child, `${words} ${child.name()}`);
  };
  for (const name of Object.keys(COMMANDS)) visit(await createCommand(name, createIo()), `carvos ${name}`);
  return helps;
}

const HELPS = await readHelps();
const own = (command: Command) => command.options.filter(({ long }) => !GLOBAL_FLAGS.includes(long!));

/** The lines of a section, `Options:` for one. */
function section(text: string, title: string): string[] {
  const [, body = ''] = new RegExp(`^${title}:\\n((?:  .*\\n)+)`, 'm').exec(text) ?? [];
  return body.split('\n').filter((line) => line !== '');
}

describe.each(HELPS)('%s --help', (_, command, text) => {
  test('has its own options; those of every command are named in one line', () => {
    const listed =
      section(text, 'Options')
        .join('\n')
        .match(/^ +--[a-z-]+/gm) ?? [];
    expect(listed.map((flag) => flag.trim())).toEqual(own(command).map(({ long }) => long));
    expect(text.match(/--verbose/g)).toEqual(['--verbose']);
    expect(text).toContain(`On every command: ${GLOBAL_FLAGS.join(', ')} (see carvos --help)\n`);
  });

  test('ends with a guide that exists', () => {
    const [, guide = ''] =
      /\nGuide: (docs\/guides\/[a-z-]+\.md) \(in the npm package and the repository\)\n$/.exec(text) ?? [];
    expect(guide).not.toBe('');
    expect(existsSync(join(ROOT, guide))).toBe(true);
  });

  test('writes each default as (default: …), and shows each that is set', () => {
    for (const option of own(command)) {
      const shown = HELPS[0]![1].createHelp().optionDescription(option);
      expect(shown.replace(/\(default: [^()]+\)$/, '')).not.toMatch(/default|\([^()]*\d[a-z]*\)$/);
      const set = command.getOptionValueSource(option.attributeName()) === 'default' && !option.negate;
      if (set) expect(shown).toMatch(/\(default: [^()]+\)$/);
    }
  });

  test('marks each required option, and has it in its usage', () => {
    const [usage] = text.split('\n');
    for (const { flags, mandatory } of own(command)) {
      const line = text.split('\n').find((one) => one.startsWith(`  ${flags} `));
      expect([flags, line?.endsWith('(required)'), usage!.includes(` ${flags} `)]).toEqual([
        flags,
        mandatory,
        mandatory,
      ]);
    }
  });

  test('is laid out as all others: no empty line twice, no long line', () => {
    expect(text).not.toMatch(/\n\n\n/);
    expect(text.split('\n').filter((line) => line.length > WIDTH + 3)).toEqual([]);
  });

  test('has examples that name existing flags', async () => {
    for (const call of text.replaceAll('\\\n', ' ').match(/^ {2}carvos .*/gm) ?? []) {
      await expectKnownFlags(
        call
          .trim()
          .replace(/^carvos +/, '')
          .split(/ {2,}| [|<>&] /)[0]!,
      );
    }
    if (command.parent === null) expect(text).toContain('Examples:\n');
  });
});

describe.each(HELPS.filter(([, { commands }]) => commands.length > 0))(
  '%s --help, a noun',
  (_, noun, text) => {
    test('begins with its subcommands, and then has the options of the one that runs without a word', () => {
      expect(text.split('\n').slice(3, 5)).toEqual(['', 'Commands:']);
      expect(section(text, 'Commands').length).toBe(noun.commands.length);
      const preset = defaultCommand(noun);
      if (preset === undefined) return;
      expect(section(text, 'Commands').filter((line) => line.endsWith(' (default)'))).toHaveLength(1);
      for (const { flags } of own(preset)) {
        expect(section(text, `Options of ${preset.name()}`).join('\n')).toContain(`  ${flags} `);
      }
    });
  },
);

test('carvos --help describes the options of every command, and names each command once', () => {
  const text = rootHelp();
  for (const flag of GLOBAL_FLAGS) expect(text).toMatch(new RegExp(`^ +(-h, )?${flag}.* {2,}\\S`, 'm'));
  for (const [name, { summary }] of Object.entries(COMMANDS)) {
    expect(text.match(new RegExp(`^ {2}${name} +${summary.replace(/[()]/g, '\\$&')}$`, 'gm'))).toHaveLength(
      1,
    );
  }
});
