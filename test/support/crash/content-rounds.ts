import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createRandom } from '../random.ts';
import { sendEvent, spawnGateway } from './gateway-process.ts';
import { type Content, createJudge, type Judge } from './judge.ts';
import { startCrashReceiver } from './receiver.ts';

const WORKERS = 8;
const MORE_RECORDS = 20_000;

export interface ContentOptions {
  bin: string;
  /** judge.py */
  judge: string;
  /** A database that an earlier version left behind. */
  oldDatabase: string;
  seed: number;
  restores: number;
  migrations: number;
  log?: (line: string) => void;
}

export interface ContentReport {
  problems: string[];
  /** Kills while a snapshot was being restored, by what was there afterwards. */
  restores: { old: number; new: number };
  /** Kills while an old database was brought up to date, by its state afterwards. */
  migrations: { before: number; after: number };
}

/** Kills `carvos dev` while it replaces its content under load, and while it migrates an old database. */
export async function runContentRounds(options: ContentOptions): Promise<ContentReport> {
  const report: ContentReport = {
    problems: [],
    restores: { old: 0, new: 0 },
    migrations: { before: 0, after: 0 },
  };
  const judge = createJudge(options.judge);
  const random = createRandom(options.seed);
  if (options.restores > 0) await killInRestores(options, judge, random, report);
  if (options.migrations > 0) await killInMigrations(options, judge, random, report);
  return report;
}

async function killInRestores(
  options: ContentOptions,
  judge: Judge,
  random: () => number,
  report: ContentReport,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'carvos-crash-'));
  const receiver = await startCrashReceiver();
  const file = join(folder, 'crash.db');
  const args = ['--db', 'crash.db', '--webhook-url', receiver.url, '--speed', '6000'];
  let next = 0;
  try {
    const start = async () => {
      const gateway = spawnGateway(options.bin, folder, args);
      const at = await gateway.ready;
      if (!at) throw new Error(`carvos dev ended by itself: ${gateway.errors()}`);
      return { gateway, ...at, headers: { authorization: `Bearer ${at.token}` } };
    };
    const send = async (url: string, agent: Agent, count: number) => {
      const references: string[] = [];
      for (let i = 0; i < count; i++) references.push((await sendEvent(url, agent, next++))!);
      return references;
    };

    const first = await start();
    const agent = new Agent({ keepAlive: true });
    await send(first.url, agent, 40);
    const answer = await fetch(`${first.url}/_carvos/v1/snapshot`, { headers: first.headers });
    const snapshot = Buffer.from(await answer.arrayBuffer());
    first.gateway.child.kill('SIGKILL');
    await first.gateway.ended;
    agent.destroy();
    const inSnapshot = new Set(judge.readContent(file).references);

    let longest = 2000;
    for (let round = 0; round < options.restores; round++) {
      const base = judge.readContent(file).references;
      const { gateway, url, headers } = await start();
      const agent = new Agent({ keepAlive: true, maxSockets: WORKERS + 1 });
      const before = [...base, ...(await send(url, agent, 5))];
      const during: string[] = [];
      const after: string[] = [];
      let killed = false;
      let restored = false;
      const work = async () => {
        while (!killed) {
          const certain = restored;
          const reference = await sendEvent(url, agent, next++).catch((error: Error) => {
            // Nothing is accepted while the content is replaced.
            if (!error.message.startsWith('503')) throw error;
            return null;
          });
          if (reference !== null) (certain ? after : during).push(reference);
        }
      };
      const workers = Promise.all(Array.from({ length: WORKERS }, work));
      await pause(random() * 50);
      const startedAt = performance.now();
      const put = fetch(`${url}/_carvos/v1/snapshot`, { method: 'PUT', headers, body: snapshot }).then(
        (response) => {
          restored = response.ok;
          longest = Math.max(100, performance.now() - startedAt);
        },
        () => {},
      );
      await pause(random() * longest * 1.2);
      killed = true;
      const certain = restored;
      gateway.child.kill('SIGKILL');
      await Promise.all([gateway.ended, workers, put]);
      agent.destroy();

      const found = judge.readContent(file);
      const refuse = (what: string) => report.problems.push(`restore ${round + 1}: ${what}`);
      found.problems.forEach(refuse);
      if (found.halves > 0) refuse(`${found.halves} halves of events`);
      const there = new Set(found.references);
      const isOld = [...before, ...(certain ? [] : during)].every((one) => there.has(one));
      const isNew =
        [...inSnapshot].every((one) => there.has(one)) &&
        before.every((one) => inSnapshot.has(one) || !there.has(one));
      if (certain && !isNew) refuse('restored, and the content is another');
      else if (!isOld && !isNew) refuse('the content is neither the old nor the new one');
      for (const one of after) if (!there.has(one)) refuse(`${one} got a 202 after the restore and is gone`);
      report.restores[isNew ? 'new' : 'old']++;
      options.log?.(`restore ${round + 1}/${options.restores}: ${isNew ? 'new' : 'old'} content`);
    }

    const last = await start();
    const settled = async () => {
      const status = await fetch(`${last.url}/_carvos/v1/status`, { headers: last.headers });
      const { jobs, deliveries } = (await status.json()) as {
        jobs: { queued: number; running: number };
        deliveries: { pending: number };
      };
      return jobs.queued + jobs.running + deliveries.pending === 0;
    };
    const deadline = Date.now() + 60_000;
    while (!(await settled()) && Date.now() < deadline) await pause(50);
    last.gateway.child.kill('SIGINT');
    await last.gateway.ended;
    const { open } = judge.readContent(file);
    if (open > 0) report.problems.push(`${open} jobs and deliveries did not come to their end`);
  } finally {
    await receiver.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function killInMigrations(
  options: ContentOptions,
  judge: Judge,
  random: () => number,
  report: ContentReport,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'carvos-crash-'));
  const old = join(folder, 'old.db');
  const file = join(folder, 'crash.db');
  const args = ['--db', 'crash.db'];
  try {
    copyFileSync(options.oldDatabase, old);
    judge.enlarge(old, MORE_RECORDS);
    const expected = judge.readContent(old);
    const same = (found: Content) => found.references.join() === expected.references.join();
    // From the log's appearance to a gateway that is ready.
    let longest = 2000;
    for (let round = 0; round < options.migrations; round++) {
      for (const end of ['-wal', '-shm']) rmSync(file + end, { force: true });
      copyFileSync(old, file);
      const refuse = (what: string) => report.problems.push(`migration ${round + 1}: ${what}`);
      const killed = spawnGateway(options.bin, folder, args);
      // The log appears when the first step is about to be taken.
      while (!existsSync(`${file}-wal`) && killed.child.exitCode === null) await pause(1);
      const startedAt = performance.now();
      const ready = killed.ready.then(() => {
        longest = performance.now() - startedAt;
      });
      await Promise.race([ready, pause(random() * longest)]);
      killed.child.kill('SIGKILL');
      await killed.ended;
      const found = judge.readContent(file);
      found.problems.forEach(refuse);
      // A gateway that is up already has begun to deliver.
      if (!same(found) || found.records < expected.records) refuse('events or records are missing');
      report.migrations[found.version === expected.version ? 'before' : 'after']++;

      const again = spawnGateway(options.bin, folder, args);
      const at = await again.ready;
      if (!at) refuse(`the next start failed: ${again.errors()}`);
      again.child.kill('SIGKILL');
      await again.ended;
      const late = judge.readContent(file);
      late.problems.forEach(refuse);
      if (!same(late) || late.records < expected.records) refuse('the next start lost events or records');
      options.log?.(`migration ${round + 1}/${options.migrations}: version ${found.version}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
