import { describe, expect, test } from 'vitest';
import { withResolvers } from '../../src/transport/with-resolvers.ts';
import { candidateCreated, postWebhook, startDevAlone } from '../support/dev-process.ts';
import { tempFolder } from '../support/folder.ts';
import { createRandom } from '../support/random.ts';
import { startJudgingReceiver } from '../support/receiver.ts';

const EVENTS = 500;
const WORKERS = 16;
// CARVOS_TEST_SEED=n repeats a run that failed.
const SEED = Number(process.env.CARVOS_TEST_SEED ?? Date.now() % 1_000_000);

describe('SIGKILL while events are being accepted and delivered', () => {
  test(`every reference_id that got a 202 arrives after the next start (seed ${SEED})`, async () => {
    const cwd = tempFolder();
    const seen = new Set<string>();
    // So that the kill finds deliveries in every state: each fifth first attempt fails and waits for its
    // retry; of each eleventh, up to eight, the answer is held back until after the kill.
    const { promise: released, resolve: release } = withResolvers();
    let held = 0;
    const receiver = await startJudgingReceiver(async ({ json }) => {
      const reference = String(json.reference_id);
      const isFirst = !seen.has(reference);
      seen.add(reference);
      if (isFirst && seen.size % 11 === 1 && held < 8) {
        held++;
        await released;
        return 503; // to a connection that is gone
      }
      return isFirst && seen.size % 5 === 0 ? 500 : 200;
    });
    const args = ['--db', 'carvos.db', '--webhook-url', receiver.url, '--speed', '600'];

    const before = await startDevAlone(cwd, args);
    const killAfter = 30 + Math.floor(createRandom(SEED)() * (EVENTS - 80));
    const accepted = new Map<number, string>();
    let next = 0;
    let killed = false;
    await Promise.all(
      Array.from({ length: WORKERS }, async () => {
        while (next < EVENTS && !killed) {
          const number = next++;
          const reference = await sendCandidate(before, number).catch((error: unknown) => {
            if (!killed) throw error;
            return null; // cut off by the kill: no 202, no promise
          });
          if (reference === null) return;
          accepted.set(number, reference);
          if (accepted.size >= killAfter && held > 0 && !killed) {
            killed = true;
            before.program.kill('SIGKILL');
          }
        }
      }),
    );
    expect(killed, 'deliveries began while events were still being accepted').toBe(true);
    expect(await before.program.waitForExit()).toEqual({ code: null, signal: 'SIGKILL' });
    release();
    expect(accepted.size).toBeGreaterThanOrEqual(killAfter);
    expect(accepted.size).toBeLessThan(EVENTS);
    const promised = new Map(accepted);

    const after = await startDevAlone(cwd, args);
    const arrived = () =>
      new Set(
        receiver.received.filter(({ status }) => status === 200).map(({ json }) => String(json.reference_id)),
      );
    await receiver.waitUntil(
      () => isSubset(promised.values(), arrived()),
      `${promised.size} accepted references (seed ${SEED}, killed after ${killAfter})`,
      60_000,
    );

    // An ATS sends again what was not answered. What was answered keeps its reference.
    for (let number = 0; number < EVENTS; number++) {
      if (accepted.has(number) && number % 50 !== 0) continue;
      const reference = await sendCandidate(after, number);
      if (promised.has(number)) expect(reference).toBe(promised.get(number));
      accepted.set(number, reference);
    }
    await receiver.waitUntil(() => isSubset(accepted.values(), arrived()), 'all references', 60_000);
    expect(new Set(accepted.values()).size).toBe(EVENTS);

    expect(receiver.received.every(({ signed }) => signed)).toBe(true);
    // At least once, but always the same event: a receiver can tell by event_id.
    const bodies = new Map<string, string>();
    for (const { json, body } of receiver.received) {
      const reference = String(json.reference_id);
      expect(body.toString()).toBe(bodies.get(reference) ?? body.toString());
      bodies.set(reference, body.toString());
    }
    const eventIds = new Set([...bodies.values()].map((body) => JSON.parse(body).event_id));
    expect(eventIds.size).toBe(bodies.size);
    const candidates = new Set([...bodies.values()].map((body) => JSON.parse(body).data.candidate_id));
    expect(candidates.size).toBe(EVENTS);

    expect(await after.program.end('SIGINT')).toEqual({ code: 0, signal: null });
  }, 180_000);
});

async function sendCandidate(dev: { url: string }, number: number): Promise<string> {
  const response = await postWebhook(dev, candidateCreated(`cand-${number}`));
  const text = await response.text();
  if (response.status !== 202) throw new Error(`event ${number}: ${response.status} ${text}`);
  return JSON.parse(text).reference_id;
}

function isSubset(part: Iterable<string>, whole: ReadonlySet<string>): boolean {
  for (const each of part) if (!whole.has(each)) return false;
  return true;
}
