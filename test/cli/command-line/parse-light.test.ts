import { spawn } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { addGlobalOptions } from '../../../src/cli/command-line/globals.ts';
import { parseLight } from '../../../src/cli/command-line/parse-light.ts';
import * as signCommand from '../../../src/cli/commands/sign.ts';
import * as verifyCommand from '../../../src/cli/commands/verify.ts';
import { createIo } from '../../../src/cli/terminal/io.ts';
import { tempFolder } from '../../support/folder.ts';
import { CARVOS, runCli } from '../../support/program.ts';
import { hmacHex } from '../../support/sign.ts';

const COMMANDS = { sign: signCommand, verify: verifyCommand };
type Seen = [file: string | undefined, options: Record<string, unknown>];

/** What commander hands to the action, or `null` where it refuses. */
async function byCommander(name: keyof typeof COMMANDS, args: string[]): Promise<Seen | null> {
  let seen: Seen | null = null;
  const command = new Command(name)
    .exitOverride()
    .configureOutput({ writeErr: () => {}, writeOut: () => {} });
  COMMANDS[name].define(command, createIo());
  command.action((file, _options, self: Command) => {
    seen = [file, self.optsWithGlobals()];
  });
  addGlobalOptions(command);
  await command.parseAsync(args, { from: 'user' }).catch(() => {});
  return seen;
}

async function byUs(name: keyof typeof COMMANDS, args: string[]): Promise<Seen | null> {
  let seen: Seen | null = null;
  const define = (command: Command) => {
    COMMANDS[name].define(command, createIo());
    command.action((file, options) => {
      seen = [file, options];
    });
  };
  await parseLight({ define }, createIo(), args)?.();
  return seen;
}

test.each([
  ['sign', []],
  ['sign', ['-']],
  ['sign', ['body.json', '--header', '--json']],
  ['sign', ['--secret', 'a b', 'body.json', '--timestamp', '1768472880']],
  ['sign', ['--secret=x=y', '--direction=outgoing', '--ats-id', 'acme']],
  ['sign', ['--config', 'c.json', '--color', 'never', '--verbose']],
  ['sign', ['--secret', 'first', '--secret', 'second']],
  ['verify', ['body.json', '--signature', 't=1,v1=00', '--secret', 'a', '--secret', 'b']],
  ['verify', ['--signature=t=1,v1=00', '--tolerance', 'off', '--at', '2026-01-15T10:28:00Z']],
  ['verify', ['--delivery', 'dlv_1', '--computed', '0123456789abcdef', '--direction', 'incoming']],
] as const)('an ordinary call is parsed as commander does: %s %j', async (name, args) => {
  const expected = await byCommander(name, [...args]);
  expect(expected).not.toBeNull();
  expect(await byUs(name, [...args])).toEqual(expected);
});

test.each([
  ['--help'],
  ['-h'],
  ['--secret'],
  ['--no-such-flag'],
  ['--header=yes'],
  ['a.json', 'b.json'],
  ['--', 'a.json'],
  ['--secret', '-x'],
])('anything else is left to commander: sign %s %s', async (...args) => {
  const given = args.filter((arg) => typeof arg === 'string');
  expect(parseLight(signCommand, createIo(), given)).toBeNull();
});

const SECRET = 'my-secret';
const hmac = (body: Buffer) => hmacHex(SECRET, '1768472880.', body);
const SIGN = ['sign', '-', '--secret', SECRET, '--timestamp', '1768472880'];

test.each([0, 1, 65_536, 300_001])('%i bytes are read from a file, a pipe and a socket', async (size) => {
  const body = Buffer.alloc(size, 'ü');
  const folder = tempFolder({ 'body.bin': body });
  const expected = `t=1768472880,v1=${hmac(body)}\n`;
  // A child process of Node gets a socket.
  expect((await runCli(SIGN, { stdin: body })).stdout).toBe(expected);
  for (const script of ['cat body.bin | "$0" "$@"', '"$0" "$@" < body.bin']) {
    const child = spawn('sh', ['-c', script, process.execPath, CARVOS, ...SIGN], { cwd: folder });
    expect(await textOf(child.stdout)).toBe(expected);
  }
});

test('a pipe that has only a part so far is read to its end', async () => {
  const child = spawn('sh', ['-c', 'cat | "$0" "$@"', process.execPath, CARVOS, ...SIGN]);
  const output = textOf(child.stdout);
  child.stdin.write('first ');
  // By then it has read that and waits.
  await runCli(['sign', '-'], { stdin: 'x' });
  child.stdin.end('second');
  expect(await output).toBe(`t=1768472880,v1=${hmac(Buffer.from('first second'))}\n`);
});

test('output goes whole into a file, and to a reader that has gone nobody complains', async () => {
  const folder = tempFolder();

  const file = join(folder, 'help.txt');

  const child = spawn(process.execPath, [CARVOS, '--help'], {
    stdio: ['ignore', openSync(file, 'w'), 'pipe'],
  });
  await new Promise((resolve) => child.on('close', resolve));
  const { stdout } = await runCli(['--help']);
  expect(readFileSync(file, 'utf8')).toBe(stdout);
  const gone = spawn('sh', ['-c', '{ "$0" "$1" --help; echo "$?" >&2; } | true', process.execPath, CARVOS]);
  expect(await textOf(gone.stderr)).toBe('0\n');
});

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += chunk;
  return text;
}
