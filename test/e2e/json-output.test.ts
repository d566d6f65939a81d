import { expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands/index.ts';
import { OUTPUTS } from '../../src/contract/output/catalogue.ts';
import { OUTPUT_VERSION } from '../../src/contract/version.ts';
import { INVOCATIONS, type Invocation, KEY, listCommands } from '../support/command-calls.ts';
import { startDemoGateway } from '../support/demo-gateway.ts';
import { tempFolder } from '../support/folder.ts';
import { problemsOf, shapeOf } from '../support/json-schemas.ts';
import { runCli, startCarvos } from '../support/program.ts';

test('under --json, every command prints what its schema says, and nothing else', async () => {
  const commands = await listCommands();
  expect(commands).toEqual(expect.arrayContaining(['send', 'clock', 'clock pause', 'config rotate']));
  expect(commands.filter((name) => !(name in INVOCATIONS))).toEqual([]);

  const gateway = await startDemoGateway();
  const untested = new Set(
    OUTPUTS.flatMap((shape) => shape.commands.map((text) => `${shape.name}: ${text}`)),
  );
  for (const name of commands) {
    for (const one of INVOCATIONS[name]!) {
      const given = await one.args(gateway);
      const end = given.indexOf('--');
      const args = end === -1 ? [...given, '--json'] : given.toSpliced(end, 0, '--json');
      const cwd = one.alone ? tempFolder() : gateway.cwd;
      const result = await run(args, cwd, one);
      const label = `carvos ${args.join(' ')}: ${result.stderr}`;
      expect.soft(result.code, label).toBe(one.code ?? 0);
      const lines = result.stdout.split('\n');
      expect.soft(lines.pop(), label).toBe('');
      if (one.until === undefined) expect.soft(lines.length, label).toBe(one.documents ?? 1);
      if (one.onStderr) lines.push(result.stderr.trimEnd().split('\n').at(-1)!);
      for (const line of lines) expect.soft(versionOf(line), label).toBe(OUTPUT_VERSION);
      // Durations are rounded where they leave, to a tenth at the most.
      expect.soft(result.stdout, label).not.toMatch(/_ms":-?\d+\.\d{2}/);
      if (lines.length === 0) continue;
      const shape = shapeOf(name, args);
      expect.soft(shape, `carvos ${name} prints JSON, and no schema says what`).toBeDefined();
      if (shape === undefined) continue;
      for (const line of lines) {
        const value = JSON.parse(line);
        expect.soft(problemsOf(shape.name, value), label).toEqual([]);
        const unnoticed = renamings(value).filter(
          ({ renamed }) => problemsOf(shape.name, renamed).length === 0,
        );
        expect
          .soft(
            unnoticed.map(({ path }) => path),
            label,
          )
          .toEqual([]);
      }
      for (const text of shape.commands) {
        if (text.split(' ').every((word) => name.split(' ').includes(word) || args.includes(word))) {
          untested.delete(`${shape.name}: ${text}`);
        }
      }
    }
  }
  expect([...untested]).toEqual([]);
}, 300_000);

test('what is asked for in a wrong way leaves standard output empty', async () => {
  const cwd = tempFolder();
  for (const name of Object.keys(COMMANDS)) {
    const called = await runCli([name, '--no-such-flag', '--json'], { cwd });
    expect.soft(called, name).toMatchObject({ code: 2, stdout: '' });
    expect.soft(called.stderr, name).toContain('no-such-flag');
  }
});

async function run(args: string[], cwd: string, { stdin, until }: Invocation) {
  if (until === undefined) return await runCli(args, { cwd, env: KEY, stdin });
  const carvos = startCarvos(args, { cwd, env: KEY });
  await carvos.waitUntil(() => carvos.stdout.split('\n').length > until, `${until} lines`);
  carvos.kill('SIGINT');
  return await carvos.ended;
}

/** Where names are the user's, or another document's. */
const FREE = new Set(['headers', 'details', 'frameworks', 'sample', 'schema']);

/** The value over and over, each time with another field under another name, at any depth. */
function renamings<T>(value: T, path = ''): { path: string; renamed: T }[] {
  if (Array.isArray(value)) {
    // One item stands for all.
    return value
      .slice(0, 1)
      .flatMap((item, index) =>
        renamings(item, `${path}[]`).map((one) => ({ ...one, renamed: value.with(index, one.renamed) as T })),
      );
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    const { [key]: _, ...rest } = value as Record<string, unknown>;
    const here = { path: `${path}.${key}`, renamed: { ...rest, [`${key}_2`]: member } as T };
    // An answer as it came; elsewhere `response` is a recorded one.
    const asItCame = key === 'response' && !Object.hasOwn(member ?? {}, 'body');
    if (FREE.has(key) || asItCame) return [here];
    const below = renamings(member, here.path).map((one) => ({
      ...one,
      renamed: { ...rest, [key]: one.renamed } as T,
    }));
    return [here, ...below];
  });
}

/** Of one JSON object; a text that says what is there instead otherwise. */
function versionOf(line: string): unknown {
  try {
    const value = JSON.parse(line);
    return Array.isArray(value) || value === null
      ? `no object: ${line}`
      : (value.version ?? `no version: ${line}`);
  } catch {
    return `no JSON: ${line}`;
  }
}
