import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createRandom } from '../random.ts';
import { type GatewayProcess, sendEvent, spawnGateway } from './gateway-process.ts';
import { createJudge, type Verdict } from './judge.ts';
import { startCrashReceiver } from './receiver.ts';

/**
 * Where the kill falls. `random`: at any moment under load. `before-answer`: from inside the receiver,
 * before it answers (between POST and RECORD). `after-answer`: right after its answer left, before the
 * sender can have recorded it. `burst`: within milliseconds of 64 requests at once, so that it
 * falls into a transaction. `starting`: while the process starts, which is when it repairs.
 */
const MOMENTS = ['random', 'before-answer', 'after-answer', 'burst', 'starting'] as const;
type Moment = (typeof MOMENTS)[number];

const WORKERS = 16;
const BURST = 64;
const SETTLE_LIMIT_MS = 120_000;

export interface CrashOptions {
  /** The built program, `bin/carvos.cjs`. */
  bin: string;
  /** judge.py */
  judge: string;
  rounds: number;
  seed: number;
  log?: (line: string) => void;
}

export interface CrashReport extends Verdict {
  rounds: Record<Moment, number>;
  /** Events whose 202 was seen. */
  promised: number;
  /** Requests that the kill left without an answer. */
  unanswered: number;
}

/** Kills `carvos dev` again and again on one database under load, lets it finish, and judges what is left. */
export async function runCrashRounds(options: CrashOptions): Promise<CrashReport> {
  const random = createRandom(options.seed);
  const folder = mkdtempSync(join(tmpdir(), 'carvos-crash-'));
  const receiver = await startCrashReceiver();
  // Every tenth attempt is sent twice, so that kills fall between the two as well.
  const config = { faults: [{ kind: 'duplicate', share: 0.1 }] };
  writeFileSync(join(folder, 'carvos.config.json'), JSON.stringify(config));
  // A minute of the schedule passes in 10 ms: retries fall due in the rounds after theirs too.
  const args = ['--db', 'crash.db', '--webhook-url', receiver.url, '--speed', '6000'];
  const promised = new Map<number, string>();
  const open = new Set<number>();
  const cutOff = new Set<string>();
  const rounds: Record<Moment, number> = {
    random: 0,
    'before-answer': 0,
    'after-answer': 0,
    burst: 0,
    starting: 0,
  };
  let next = 0;
  let unanswered = 0;
  let running: GatewayProcess | null = null;

  /** Sends one event, new or left without an answer, as an ATS does. */
  async function sendOne(url: string, agent: Agent): Promise<boolean> {
    const [again] = open;
    const number = again ?? next++;
    open.delete(number);
    const reference = await sendEvent(url, agent, number);
    if (reference === null) {
      open.add(number);
      unanswered++;
      return false;
    }
    const before = promised.get(number);
    if (before !== undefined && before !== reference) {
      throw new Error(`event ${number}: reference ${before} became ${reference}`);
    }
    promised.set(number, reference);
    return true;
  }

  async function round(moment: Moment): Promise<void> {
    const gateway = spawnGateway(options.bin, folder, args);
    running = gateway;
    let killed = false;
    const kill = () => {
      killed = true;
      gateway.child.kill('SIGKILL');
    };
    if (moment === 'starting') {
      await pause(random() * 400);
      kill();
      await gateway.ended;
      return;
    }
    const at = await gateway.ready;
    if (!at) throw new Error(`carvos dev ended by itself: ${gateway.errors()}`);
    let countdown = 1 + Math.floor(random() * 60);
    receiver.onArrival = (arrival) => {
      if (killed) return { answer: true };
      if (moment === 'before-answer' && --countdown === 0) {
        cutOff.add(arrival.eventId);
        kill();
        return { answer: false };
      }
      return moment === 'after-answer' && --countdown === 0 ? { answer: true, sent: kill } : { answer: true };
    };
    const agent = new Agent({ keepAlive: true, maxSockets: BURST });
    const stopAt = moment === 'random' ? random() * 600 : 5000;
    const burstDelay = random() * 6;
    const timer = moment === 'burst' ? undefined : setTimeout(kill, stopAt);
    if (moment === 'burst') {
      const sent = Array.from({ length: BURST }, () => sendOne(at.url, agent));
      setTimeout(kill, burstDelay);
      await Promise.all(sent);
    } else {
      const work = async () => {
        while (!killed && (await sendOne(at.url, agent)));
      };
      await Promise.all(Array.from({ length: WORKERS }, work));
    }
    await gateway.ended;
    clearTimeout(timer);
    agent.destroy();
    receiver.onArrival = () => ({ answer: true });
  }

  /** The last start: what is left is sent again, everything comes to its end, and it stops cleanly. */
  async function finish(): Promise<void> {
    const gateway = spawnGateway(options.bin, folder, args);
    running = gateway;
    const at = await gateway.ready;
    if (!at) throw new Error(`carvos dev ended by itself: ${gateway.errors()}`);
    const agent = new Agent({ keepAlive: true, maxSockets: WORKERS });
    while (open.size > 0) await sendOne(at.url, agent);
    agent.destroy();
    const deadline = Date.now() + SETTLE_LIMIT_MS;
    for (;;) {
      const answer = await fetch(`${at.url}/_carvos/v1/status`, {
        headers: { authorization: `Bearer ${at.token}` },
      });
      const status = (await answer.json()) as {
        jobs: { queued: number; running: number };
        deliveries: { pending: number };
      };
      const left = status.jobs.queued + status.jobs.running + status.deliveries.pending;
      if (left === 0) break;
      if (Date.now() > deadline) throw new Error(`stuck: ${JSON.stringify(status)}`);
      await pause(25);
    }
    gateway.child.kill('SIGINT');
    const code = await gateway.ended;
    if (code !== 0) throw new Error(`carvos dev ended with ${code}: ${gateway.errors()}`);
  }

  try {
    for (let index = 0; index < options.rounds; index++) {
      // Each moment in turn first, so that a short run has them all.
      const moment =
        index < MOMENTS.length ? MOMENTS[index]! : MOMENTS[Math.floor(random() * MOMENTS.length)]!;
      await round(moment);
      rounds[moment]++;
      options.log?.(
        `round ${index + 1}/${options.rounds} (${moment}): ${promised.size} events accepted so far`,
      );
    }
    await finish();
    const verdict = createJudge(options.judge).judgeLoad(
      join(folder, 'crash.db'),
      promised,
      receiver.arrivals,
      cutOff,
    );
    return { ...verdict, rounds, promised: promised.size, unanswered };
  } finally {
    // A child that ended already takes no notice.
    (running as GatewayProcess | null)?.child.kill('SIGKILL');
    await receiver.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
