import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CheckReport } from '../../../src/contract/check.ts';
import { tempFolder } from '../../support/folder.ts';
import { runCli, startCarvos } from '../../support/program.ts';
import { freePort } from '../../support/receiver.ts';
import { havePrograms } from '../../support/require-program.ts';

const RECEIVER = join(import.meta.dirname, '../../../fixtures/receivers/crash/receiver.py');
/** Its six points are clear of the moments at which the receiver commits: its start, and the half of its time. */
const SEED = '13';
const POINTS = [11, 27, 41, 61, 81, 100];

async function prepare(mode: string) {
  const port = String(await freePort());
  const cwd = tempFolder();
  const start = `PORT=${port} DB=${join(cwd, 'work.db')} exec python3 ${RECEIVER} ${mode}`;
  const url = `http://127.0.0.1:${port}`;
  const args = [
    'check',
    `${url}/hook`,
    '--only',
    'accepts-valid',
    '--state',
    `${url}/state`,
    '--start',
    start,
  ];
  return { args, cwd, url };
}

async function crash(mode: string, ...more: string[]) {
  const { args, cwd, url } = await prepare(mode);
  const flags = ['--crash', '6', '--seed', SEED, '--json', '--junit', 'crash.xml'];
  const { code, stdout, stderr } = await runCli([...args, ...flags, ...more], { cwd });
  if (stdout === '') throw new Error(stderr);
  const report = CheckReport.parse(JSON.parse(stdout));
  const probe = report.probes.find(({ id }) => id === 'crash')!;
  // How long an answer took is another each time.
  const details = probe.details.map((line) => line.replace(/\d+ ms/, 'N ms'));
  await expect(fetch(url)).rejects.toThrow();
  const junit = readFileSync(join(cwd, 'crash.xml'), 'utf8');
  return {
    code,
    outcome: probe.outcome,
    details,
    junit,
    left: readStarts(join(cwd, 'work.db.starts'), stdout),
  };
}

/** What the receiver itself found at each start: an idle machine kills at the points, a busy one later. */
function readStarts(file: string, report: string) {
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  const starts = lines.map((line) => line.split(' ').map(Number) as [number, number, number]);
  expect(starts, report).toHaveLength(1 + POINTS.length);
  return starts;
}

const HEAD = `6 kills with seed ${SEED}, while an answer takes N ms`;

/** The points after which there was one more of something than before, and what is said of them. */
function sayPoints(counts: number[]) {
  const points = POINTS.filter((_, kill) => counts[kill + 1]! > counts[kill]!);
  return `${points.length} of 6 kills, at ${points.map((at) => `${at} %`).join(', ')} of the time that an answer takes`;
}

describe.skipIf(!havePrograms('python3'))('a receiver in Python that is killed', () => {
  test('exactly once, twice, lost, forgotten after the answer: each is told rightly, at the points that the seed decides', async () => {
    const [transaction, effectFirst, markerFirst, answerFirst] = await Promise.all([
      crash('transaction', '--fail-on', 'recommended'),
      crash('effect-first'),
      crash('marker-first', '--fail-on', 'recommended'),
      crash('answer-first'),
    ]);
    expect(transaction).toMatchObject({
      code: 0,
      outcome: 'passed',
      details: [`${HEAD}: each event counted once`],
    });
    expect(effectFirst).toMatchObject({
      code: 0,
      outcome: 'failed',
      details: [
        `done twice: its work was kept when it died, and the next attempt did it again (/effects grew by 2 instead of 1): ${sayPoints(effectFirst.left.map(([effects, markers]) => effects - markers))}`,
        HEAD,
      ],
      junit: expect.stringContaining('does not hold, recommended only: done twice'),
    });
    expect(markerFirst).toMatchObject({
      code: 1,
      outcome: 'failed',
      details: [
        `lost: the next attempt was taken for one that is done already, and answered 2xx (/effects grew by 0 instead of 1): ${sayPoints(markerFirst.left.map(([effects, markers]) => markers - effects))}`,
        HEAD,
      ],
      junit: expect.stringContaining('<failure type="crash"'),
    });
    expect(answerFirst.details[0]).toMatch(
      /^lost: it had answered 2xx before its work was stored \(\/effects grew by 0 instead of 1\): .*100 % of/,
    );
  }, 180_000);

  test('Ctrl-C in the middle leaves no program', async () => {
    const { args, cwd, url } = await prepare('transaction');
    const check = startCarvos([...args, '--crash', '50'], { cwd });
    const count = async () => ((await (await fetch(url)).json()) as { effects: number }).effects;
    // Some events in, so in the middle of it.
    await expect.poll(() => count().catch(() => 0), { timeout: 60_000 }).toBeGreaterThan(2);
    expect(await check.end('SIGINT')).toMatchObject({ code: 130 });
    await expect(fetch(url)).rejects.toThrow();
  });
});

describe('what cannot be judged', () => {
  test('--crash without --start or --state is 2, and starts nothing', async () => {
    for (const [flags, needs] of [
      [['--state', '3000/x'], 'start'],
      [['--start', 'touch ran'], 'state'],
    ] as const) {
      const { code, stderr } = await runCli(['check', '3000', '--crash', '3', ...flags], {
        cwd: tempFolder(),
      });
      expect(code).toBe(2);
      expect(stderr).toContain(`--crash needs --${needs}`);
    }
    const alone = await runCli(['check', '3000', '--only', 'crash'], { cwd: tempFolder() });
    expect([alone.code, alone.stderr]).toEqual([2, expect.stringContaining('--only crash needs --crash')]);
  });

  test('a receiver that does not start is 5, with the reason', async () => {
    const port = await freePort();
    const { code, stderr } = await runCli(['check', `${port}/hook`, '--start', 'exit 3'], {
      cwd: tempFolder(),
    });
    expect(code).toBe(5);
    expect(stderr).toContain('the command ended with 3 before it answered');
  });
});
