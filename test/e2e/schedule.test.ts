import { expect, test } from 'vitest';
import { candidateCreated, postWebhook, startDev } from '../support/dev-process.ts';
import { tempFolder } from '../support/folder.ts';
import { runCli } from '../support/program.ts';
import { type JudgedWebhook, startJudgingReceiver } from '../support/receiver.ts';

// Written out rather than imported: the numbers of the contract, section 5, at 3,000 times the speed.
const REAL_DELAYS_MS = [20, 100, 600, 2400];

test('500 four times, then 200: five attempts; 500 for ever: five attempts, exhausted, no sixth', async () => {
  const cwd = tempFolder();
  const attempts = { recovers: [] as JudgedWebhook[], never: [] as JudgedWebhook[] };
  const receiver = await startJudgingReceiver((webhook) => {
    const id = (webhook.json.data as { candidate_id: 'recovers' | 'never' }).candidate_id;
    const count = attempts[id].push(webhook);
    return id === 'recovers' && count === 5 ? 200 : 500;
  });
  const dev = await startDev(cwd, ['--db', 'carvos.db', '--webhook-url', receiver.url, '--speed', '3000']);
  for (const id of ['recovers', 'never']) {
    expect((await postWebhook(dev, candidateCreated(id))).status).toBe(202);
  }
  await receiver.waitUntil(
    () => attempts.recovers.length >= 5 && attempts.never.length >= 5,
    'ten attempts',
    60_000,
  );
  await dev.program.waitForText(/exhausted/i);

  for (const made of [attempts.recovers, attempts.never]) {
    expect(made).toHaveLength(5);
    const first = made[0]!;
    made.forEach((attempt, index) => {
      expect(attempt.body.equals(first.body), `body of attempt ${index + 1}`).toBe(true);
      expect(attempt.json.event_id).toBe(first.json.event_id);
      expect(attempt.headers['x-carv-causation-id']).toBe(first.json.reference_id);
      // Signed anew, by the wall clock: not before the answer to the one before, and not after it arrived.
      expect(attempt.signed, `signature of attempt ${index + 1}`).toBe(true);
      expect(attempt.t).toBeLessThanOrEqual(attempt.at / 1000);
      const before = made[index - 1];
      if (!before) return;
      expect(attempt.t).toBeGreaterThanOrEqual(Math.floor(before.at / 1000));
      // Not sooner than the schedule; a timer may be 5 ms early. How much later is a benchmark's question.
      expect(attempt.arrivedAt - before.answeredAt).toBeGreaterThanOrEqual(REAL_DELAYS_MS[index - 1]! - 5);
    });
  }

  // A day later by the schedule's clock there is still no sixth attempt.
  expect(await runCli(['clock', 'advance', '24h'], { cwd })).toMatchObject({ code: 0 });
  expect(attempts.recovers).toHaveLength(5);
  expect(attempts.never).toHaveLength(5);

  const listed = await runCli(['deliveries', 'list', '--direction', 'outgoing', '--limit', '50', '--json'], {
    cwd,
  });
  expect(listed).toMatchObject({ code: 0 });
  const log: {
    number: number;
    step: number;
    reference_id: string;
    outcome: string;
    delivery_state: string;
  }[] = JSON.parse(listed.stdout).items;
  const logOf = (made: JudgedWebhook[]) =>
    log
      .filter((record) => record.reference_id === made[0]!.json.reference_id)
      .map(({ step, outcome, delivery_state }) => [step, outcome, delivery_state])
      .reverse();
  const failing = [1, 2, 3, 4].map((step) => [step, 'failure', 'pending']);
  expect(logOf(attempts.recovers)).toEqual([...failing, [5, 'success', 'delivered']]);
  expect(logOf(attempts.never)).toEqual([...failing, [5, 'failure', 'exhausted']]);
});
