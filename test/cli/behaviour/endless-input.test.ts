import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../../support/folder.ts';
import { runCli, startCarvos } from '../../support/program.ts';

const SECRET = ['--secret', 'a'];
const SIGNATURE = ['--signature', 't=1,v1=00'];
const READERS: [string, string[]][] = [
  ['sign', ['sign', 'SOURCE', ...SECRET]],
  ['verify', ['verify', 'SOURCE', ...SIGNATURE, ...SECRET]],
  ['send', ['send', 'SOURCE', '--dry-run']],
];
const from = (args: string[], source: string) => args.map((word) => (word === 'SOURCE' ? source : word));

function tryOpen(path: string): number | null {
  try {
    return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return null;
  }
}

test.each([...READERS, ['send of many', ['send', 'SOURCE.ndjson', '--dry-run']] as [string, string[]]])(
  '%s hears a signal while a pipe says nothing',
  async (_name, args) => {
    const cwd = tempFolder();
    execFileSync('mkfifo', ['pipe', 'pipe.ndjson'], { cwd });
    const words = args.map((word) => word.replace('SOURCE', 'pipe'));
    const carvos = startCarvos(words, { cwd });
    // Opening without waiting works once there is a reader; then the pipe is held open, with nothing in it.
    let writer: number | null = null;
    const open = () => {
      writer ??= tryOpen(join(cwd, words[1]!));
      return writer;
    };
    await expect.poll(open).not.toBeNull();
    carvos.kill('SIGTERM');
    expect((await carvos.ended).code).toBe(143);
    closeSync(writer!);
  },
);

test('a pipe is read to its end', async () => {
  const cwd = tempFolder();
  execFileSync('mkfifo', ['pipe'], { cwd });
  const carvos = startCarvos(['sign', 'pipe', '--timestamp', '1', '--json', ...SECRET], { cwd });
  writeFileSync(join(cwd, 'pipe'), Buffer.alloc(300_000, 'x'));
  expect(JSON.parse((await carvos.ended).stdout)).toMatchObject({ bytes: 300_000 });
});

test.each(READERS)('%s reads 64 MiB of what never ends, and says so', async (_name, args) => {
  const cwd = tempFolder({ 'sparse.json': '' });
  truncateSync(join(cwd, 'sparse.json'), 65 * 1024 * 1024);
  for (const source of ['/dev/zero', 'sparse.json']) {
    const { code, stderr } = await runCli(from(args, source), { cwd });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining(`${source} is longer than 64 MiB`),
    });
  }
});
