import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../support/folder.ts';
import { runWarm, watchProgram } from '../support/program.ts';
import { canShare, startWarm } from '../support/warm-program.ts';

/** Shows all that it was given, and leaves behind what it can. */
const PROGRAM = `
const [code] = process.argv.slice(2);
process.on('exit', (code) => console.log('left with', code));
process.on('SIGTERM', () => {});
console.log(JSON.stringify({ pid: process.pid, argv: process.argv, cwd: process.cwd(), names: Object.keys(process.env),
  count: process.listenerCount('SIGTERM'), terminal: [process.stdout.isTTY, process.stderr.columns], runs: (globalThis.runs ??= 0) }));
globalThis.runs++;
console.error('to the other');
(async () => {
  let text = '';
  for await (const piece of process.stdin) text += piece;
  console.log('read', text);
  if (code === 'exit') process.exit(9);
  if (code === 'throw') throw new Error('thrown');
  if (code === 'stay') setInterval(() => {}, 1000);
  else setTimeout(() => { process.exitCode = Number(code); }, 20);
})();
`;

async function run(
  code: string,
  env: Record<string, string> = {},
  input: string | Buffer = '',
  terminal = false,
) {
  const cwd = tempFolder({ 'program.cjs': PROGRAM });
  const call = { program: join(cwd, 'program.cjs'), args: [code], cwd, env, input, terminal };
  const { stdout, ...rest } = await runWarm(call);
  const [first, ...lines] = stdout.trimEnd().split('\n');
  return { ...rest, cwd, lines, saw: JSON.parse(first!) };
}

test('a call finds what a process of its own would: arguments, folder, environment, input, listeners', async () => {
  const one = await run('3', { A: '1' }, 'first');
  const two = await run('0', { B: '2' }, Buffer.from('second'));
  expect(two.saw).toMatchObject({ pid: one.saw.pid, names: ['B'], runs: 1 });
  for (const { saw, cwd, stderr } of [one, two]) {
    expect(saw).toMatchObject({
      cwd,
      count: 1,
      argv: [process.execPath, join(cwd, 'program.cjs'), expect.any(String)],
    });
    expect(stderr).toBe('to the other\n');
  }
  expect([one.code, one.lines]).toEqual([3, ['read first', 'left with 3']]);
  expect([two.code, two.lines]).toEqual([0, ['read second', 'left with 0']]);
});

test('one that is told of a terminal finds one, and the next does not', async () => {
  expect((await run('0', {}, '', true)).saw.terminal).toEqual([true, 80]);
  expect((await run('0')).saw.terminal).toEqual([null, null]);
});

test('what ends its process ends none but this call, and the next one has a process', async () => {
  const before = await run('0');
  expect(await run('exit')).toMatchObject({ code: 9, lines: ['read ', 'left with 9'] });
  expect(await run('throw')).toMatchObject({ code: 1, stderr: expect.stringContaining('Error: thrown') });
  const after = await run('0');
  expect(after).toMatchObject({ code: 0, saw: { runs: 0 } });
  expect(after.saw.pid).not.toBe(before.saw.pid);
});

test('what keeps a process alive keeps the call alive', async () => {
  let ended = false;
  void run('stay').then(() => {
    ended = true;
  });
  await run('0');
  await run('0');
  expect(ended).toBe(false);
});

test('what lives on is heard as it prints, takes a signal, and leaves its process to the next', async () => {
  const serve = `
    const timer = setInterval(() => {}, 1000);
    process.on('SIGTERM', () => { clearInterval(timer); console.log('asked to end\\0'); process.exitCode = 4; });
    console.log('serves', process.pid);
  `;
  const folders = [tempFolder({ 'program.cjs': serve }), tempFolder({ 'program.cjs': serve })];
  const pids: number[] = [];
  for (const [place, signal] of [
    [0, 'SIGTERM'],
    [1, 'SIGTERM'],
    [1, 'SIGTERM'],
    [0, 'SIGKILL'],
  ] as const) {
    const cwd = folders[place]!;
    const call = { program: join(cwd, 'program.cjs'), args: ['dev'], cwd, env: {}, input: '' };
    const program = watchProgram(startWarm(call), 'dev');
    await program.waitForText(/serves \d+/);
    pids.push(program.pid);
    program.kill(signal);
    const ended = await program.ended;
    const asked = { code: 4, signal: null, stdout: `serves ${program.pid}\nasked to end\0\n` };
    const killed = { code: null, signal: 'SIGKILL', stdout: `serves ${program.pid}\n` };
    expect(ended).toMatchObject(signal === 'SIGTERM' ? asked : killed);
  }
  // One that served in a folder serves there no more: what it remembers must not stand for what is on disk.
  expect(pids[1]).toBe(pids[0]);
  expect(pids[2]).not.toBe(pids[1]);
  expect(pids[3]).toBe(pids[2]);
});

test('a signal that comes when the call has just ended leaves no dead process to the next', async () => {
  // What is kept by nothing goes on behind the end of the call, and tells of it.
  const ends = `
    let ended = false;
    process.on('exit', () => { ended = true; });
    const look = setInterval(() => {
      if (!ended) return;
      clearInterval(look);
      require('node:fs').writeFileSync('over', '');
    }, 1).unref();
  `;
  const cwd = tempFolder({ 'program.cjs': ends });
  const call = { program: join(cwd, 'program.cjs'), args: ['status'], cwd, env: {}, input: '' };
  const program = watchProgram(startWarm(call), 'status');
  // This process does not read that it has ended.
  while (!existsSync(join(cwd, 'over'))) spawnSync('true');
  program.kill('SIGTERM');
  expect(await program.ended).toMatchObject({ code: 0, signal: null });
  const next = await run('0');
  expect(next).toMatchObject({ code: 0, lines: ['read ', 'left with 0'] });
  expect(next.saw.pid).not.toBe(program.pid);
});

test('what Node reads as it starts needs a process of its own', () => {
  const call = { program: '', args: ['status'], cwd: '', env: {}, input: '' };
  expect(canShare(call)).toBe(process.platform !== 'win32');
  expect(canShare({ ...call, env: { NODE_OPTIONS: '--no-warnings' } })).toBe(false);
  expect(canShare({ ...call, args: ['mcp'] })).toBe(false);
});
