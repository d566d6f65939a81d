import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { LogRecord } from '../../../src/contract/control.ts';
import { FAULT_KINDS, FAULTS } from '../../../src/contract/faults.ts';
import type { FaultOptions } from '../../../src/emulator/settings.ts';
import { candidateCreated, postWebhook, startTestEmulator, testOptions } from '../../support/emulator.ts';
import { tempFolder } from '../../support/folder.ts';
import { brief, startFaulty } from './faulty-gateway.ts';

describe('rules', () => {
  test('event, client and ATS narrow them; the first that matches acts', async () => {
    const { send, attempted, emulator } = await startFaulty([
      { kind: 'status-500', event: 'candidate.updated' },
      { kind: 'status-500', clientId: 'another' },
      { kind: 'status-500', atsId: 'another' },
      { kind: 'status-500', on: 'ingress', event: 'candidate.deleted' },
      { kind: 'status-429', event: 'candidate.created', clientId: 'acme-corp', atsId: 'test-ats' },
      { kind: 'status-503' },
    ]);
    expect((await attempted(await send())).map(brief)).toMatchObject([{ fault: 'status-429' }]);
    expect(emulator.faults.list().map(({ applied_count }) => applied_count)).toEqual([0, 0, 0, 0, 1, 0]);
    // One added while running comes before those of the file.
    emulator.faults.add({ kind: 'stale' });
    expect((await attempted(await send())).map(brief)).toMatchObject([{ fault: 'stale' }]);
  });

  test('added ones and what they used up survive a restart; those of the file do not pile up', async () => {
    const folder = tempFolder();
    const options = testOptions({
      database: join(folder, 'carvos.db'),
      faults: [{ kind: 'status-500', on: 'ingress', id: 'of-file', event: 'vacancy.deleted' }],
    });
    const { emulator: first } = await startTestEmulator(options);
    expect(first.faults.add({ kind: 'status-503', on: 'ingress', count: 3 })).toMatchObject({
      id: 'fault-1',
    });
    expect(first.faults.add({ kind: 'stale', share: 0.5, id: 'named' })).toMatchObject({ id: 'named' });
    expect(first.faults.add({ kind: 'stale', id: 'named' })).toBeNull();
    expect((await postWebhook(first.url, candidateCreated())).status).toBe(503);
    const before = first.faults.list();
    await first.close();

    const { emulator: second } = await startTestEmulator(options);
    expect(second.faults.list()).toEqual(before);
    expect(
      before.map(({ id, origin, applied_count, remaining }) => [id, origin, applied_count, remaining]),
    ).toEqual([
      ['fault-1', 'control', 1, 2],
      ['named', 'control', 0, null],
      ['of-file', 'config', 0, null],
    ]);
    expect(second.faults.add({ kind: 'stale', id: 'of-file' })).toBeNull();
    expect(second.faults.clear('of-file')).toEqual(['of-file']);
    expect(second.faults.list().map(({ id }) => id)).toEqual(['fault-1', 'named']);
  });

  test('a reload applies what changed in the file, and leaves the rest as it is', async () => {
    const options = testOptions({ faults: [{ kind: 'status-503', on: 'ingress', count: 5 }] });
    const { emulator } = await startTestEmulator(options);
    await postWebhook(emulator.url, candidateCreated());
    expect(emulator.reload({ ...options, unprovisioned: 'fail-later' })).toEqual([
      'unprovisioned is now fail-later',
    ]);
    expect(emulator.faults.list()).toMatchObject([{ applied_count: 1 }]);
    expect(emulator.reload({ ...options, faults: [] })).toEqual([
      'unprovisioned is now reject',
      'faults of the config file: 0',
    ]);
    expect(emulator.faults.list()).toEqual([]);
    expect((await postWebhook(emulator.url, candidateCreated())).status).toBe(202);
  });

  test('what somebody sends elsewhere, or with the recorded signature, goes as they said', async () => {
    const { control, receiver, emulator, send, attempted } = await startFaulty([]);
    const [record] = await attempted(await send());
    const id = record!.delivery_id;
    emulator.faults.add({ kind: 'tampered-body' });
    const replays = [
      await control.replay(id, { to: `${receiver.url}/elsewhere` }),
      await control.replay(id, { original: true }),
      await control.replay(id),
    ];
    expect(replays.map(({ attempts }) => attempts[0]!.fault)).toEqual([null, null, 'tampered-body']);
  });

  test('the control API lists, adds and clears, and says what makes no sense', async () => {
    const { control } = await startTestEmulator({ seed: 77 });
    expect(await control.faults()).toEqual({ version: 2, seed: 77, items: [] });
    const added = await control.addFault({
      kind: 'slow',
      on: 'ingress',
      share: 0.25,
      event: 'vacancy.created',
    });
    expect(added).toMatchObject({
      id: 'fault-1',
      share: 0.25,
      delay_ms: 2000,
      origin: 'control',
      remaining: null,
    });
    expect((await control.faults()).items).toHaveLength(1);
    await expect(control.addFault({ kind: 'stale', id: 'fault-1' })).rejects.toMatchObject({ status: 409 });
    for (const wrong of [
      { kind: 'stale', on: 'ingress' },
      { kind: 'nonsense' },
      { kind: 'stale', share: 0 },
      { kind: 'stale', share: 1.1 },
      { kind: 'stale', first: 0 },
      { kind: 'stale', delay_ms: 10 },
      { kind: 'slow', delay_ms: 10_000_000 },
      { kind: 'slow', retry_after: 1 },
      { kind: 'slow', event: 'workspace.created' },
      { kind: 'slow', on: 'ingress', event: 'meeting.notes_ready' },
      { kind: 'slow', unknown: 1 },
      {},
    ]) {
      await expect(control.addFault(wrong as never), JSON.stringify(wrong)).rejects.toMatchObject({
        status: 422,
      });
    }
    await expect(control.clearFaults('nobody')).rejects.toMatchObject({ status: 404 });
    expect(await control.clearFaults('fault-1')).toMatchObject({ cleared: ['fault-1'] });
    await control.addFault({ kind: 'stale' });
    await control.addFault({ kind: 'future' });
    expect(await control.clearFaults()).toMatchObject({ cleared: ['fault-1', 'fault-2'] });
    expect((await control.faults()).items).toEqual([]);
  });

  test('every kind can act somewhere and says what it does', () => {
    expect(FAULT_KINDS).toHaveLength(18);
    for (const kind of FAULT_KINDS) {
      expect(FAULTS[kind].places.length).toBeGreaterThan(0);
      expect(FAULTS[kind].what).toMatch(/\.$/);
    }
  });
});

describe('the same seed and input', () => {
  const FAULTS: FaultOptions[] = [
    { kind: 'status-429', share: 0.2, on: 'ingress' },
    { kind: 'lost-ack', share: 0.15, on: 'delivery' },
    { kind: 'wrong-signature', share: 0.3, on: 'delivery' },
    { kind: 'status-500', share: 0.5, first: 2, on: 'delivery' },
  ];

  /** Sends 60 events, so many at a time, each until accepted; then the whole schedule. */
  async function run(concurrency: number, seed: number): Promise<string[]> {
    const { emulator, control } = await startFaulty(FAULTS, { seed });
    const events = Array.from({ length: 60 }, (_, index) =>
      candidateCreated({ event_id: `evt-same-${index}`, candidate_id: `cand-${index}` }),
    );
    const eventOf = new Map<string, string>();
    const waiting = [...events];
    const sender = async () => {
      for (let event = waiting.shift(); event; event = waiting.shift()) {
        for (;;) {
          const { status, json } = await postWebhook(emulator.url, event);
          if (status === 429) continue;
          expect(status).toBe(202);
          eventOf.set(json.reference_id, String(event.event_id));
          break;
        }
      }
    };
    await Promise.all(Array.from({ length: concurrency }, sender));
    await control.clockMove('drain');
    const records: LogRecord[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await control.log({ limit: 1000, cursor });
      records.push(...page.items);
      cursor = page.next_cursor;
    }
    return records
      .filter(({ fault }) => fault !== null)
      .map(({ direction, event_id, reference_id, step, fault }) =>
        direction === 'incoming'
          ? `in ${event_id} ${fault}`
          : `out ${eventOf.get(reference_id!)} ${step} ${fault}`,
      )
      .sort();
  }

  test('give the same faults, one at a time and fifty at a time; another seed gives others', async () => {
    const [sequential, concurrent, other] = [await run(1, 5), await run(50, 5), await run(50, 6)];
    expect(concurrent).toEqual(sequential);
    expect(sequential.length).toBeGreaterThan(30);
    for (const { kind } of FAULTS) expect(sequential.some((line) => line.endsWith(kind))).toBe(true);
    expect(other).not.toEqual(sequential);
  });

  test('give the same faults to REST requests, which name no event: by what they say', async () => {
    const statuses = async () => {
      const { emulator, control } = await startFaulty([{ kind: 'status-500', share: 0.5 }]);
      const headers = {
        'Content-Type': 'application/json',
        'X-API-Key': 'key-of-test-ats',
        'X-ATS-Client-ID': 'acme-corp',
        'X-ATS-User-ID': 'admin-user',
      };
      const found: (string | null | undefined)[] = [];
      for (let n = 0; n < 20; n++) {
        const { event, event_id, client_id, user_id, ...candidate } = candidateCreated({
          candidate_id: `cand-${n}`,
        });
        const body = JSON.stringify(candidate);
        const answer = await fetch(`${emulator.url}/v1/candidates`, { method: 'POST', headers, body });
        const { reference_id } = (await answer.json()) as { reference_id: string };
        const wait = { until: 'first-attempt', timeoutMs: 60_000 } as const;
        const { trace } = await control.wait(reference_id, wait);
        found.push(trace.deliveries[0]!.attempts[0]!.fault);
      }
      return found;
    };
    const first = await statuses();
    expect(new Set(first)).toEqual(new Set(['status-500', null]));
    expect(await statuses()).toEqual(first);
  });
});
