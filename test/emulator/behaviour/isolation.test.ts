import { describe, expect, test } from 'vitest';
import { type Badness, startBadReceiver } from '../../support/bad-receivers.ts';
import { candidateCreated, postWebhook, startTestEmulator, testAts } from '../../support/emulator.ts';
import { startTestReceiver } from '../../support/receiver.ts';

/** Several times what may be in flight. */
const EVENTS = 40;

describe('several ATSs', () => {
  for (const kind of ['hangs', 'drips', 'gigabyte', 'refuses'] as Badness[]) {
    test(`a receiver that ${kind} keeps no other waiting`, async () => {
      const bad = await startBadReceiver(kind);
      const good = await startTestReceiver();
      const secrets = { incoming: 'good-incoming', outgoing: 'good-outgoing' };
      const { emulator, control } = await startTestEmulator({
        // Nothing of the bad one ends by itself while the good one is served.
        receiverTimeoutMs: kind === 'hangs' || kind === 'drips' ? null : 5000,
        inFlight: { perReceiver: 8, overall: 8 },
        ats: [testAts('bad', bad.url), testAts('good', good.url, secrets)],
      });
      for (let i = 0; i < EVENTS; i++) {
        expect((await postWebhook(emulator.url, candidateCreated(), { ats: 'bad' })).status).toBe(202);
      }
      if (kind !== 'refuses') await expect.poll(bad.open).toBeGreaterThan(0);
      // The bad one has taken every place that there is; the good one still gets its own.
      const references = await Promise.all(
        Array.from({ length: EVENTS }, async () => {
          const answer = await postWebhook(emulator.url, candidateCreated(), {
            ats: 'good',
            secret: secrets.incoming,
          });
          expect(answer.status).toBe(202);
          return answer.json.reference_id as string;
        }),
      );
      for (const reference of references) {
        const { trace } = await control.wait(reference, { until: 'settled', timeoutMs: 60_000 });
        expect(trace.deliveries[0]).toMatchObject({ ats_id: 'good', state: 'delivered', attempt_count: 1 });
      }
      expect(good.received).toHaveLength(EVENTS);
      if (kind === 'hangs' || kind === 'drips') {
        // Not one attempt of the bad one has ended, and no more than allowed are in flight.
        expect((await control.log({ ats_id: 'bad', direction: 'outgoing' })).items).toEqual([]);
        expect(bad.open()).toBe(8);
      }
      if (kind === 'gigabyte') {
        const ended = async () =>
          (await control.log({ ats_id: 'bad', direction: 'outgoing', limit: 5 })).items;
        await expect.poll(async () => (await ended()).length).toBeGreaterThan(0);
        for (const one of await ended()) expect(one.error?.code).toMatch(/answer_too_large|timeout/);
      }
    });
  }

  test.each([
    { inFlight: { perReceiver: 5, overall: 7 }, each: 5, all: 7 },
    { inFlight: undefined, each: 64, all: 128 },
  ])('in flight: at most $each to one receiver, and to two at most $all', async ({ inFlight, each, all }) => {
    const bad = await Promise.all([startBadReceiver('hangs'), startBadReceiver('hangs')]);
    const { emulator } = await startTestEmulator({
      receiverTimeoutMs: null,
      inFlight,
      ats: bad.map((one, index) => testAts(`ats-${index}`, one.url)),
    });
    for (let i = 0; i < 150; i++)
      await postWebhook(emulator.url, candidateCreated(), { ats: `ats-${i % 2}` });
    const open = () => bad.map((one) => one.open());
    await expect.poll(() => open().reduce((a, b) => a + b)).toBe(all);
    expect(Math.max(...open())).toBeLessThanOrEqual(each);
  });
});
