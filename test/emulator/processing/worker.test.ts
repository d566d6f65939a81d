import { expect, onTestFinished, test } from 'vitest';
import { createLiveFeed } from '../../../src/emulator/live-feed.ts';
import { createWorker } from '../../../src/emulator/processing/worker.ts';
import { insertEvent } from '../../../src/emulator/store/events.ts';
import { openStore } from '../../../src/emulator/store/open-store.ts';
import type { Store } from '../../../src/emulator/store/store.ts';

/** A worker over a real database, of which `fails` says which statements fail for now. */
function makeWorker() {
  const real = openStore(':memory:');
  let fails = (_text: string) => false;
  const store: Store = Object.create(real, {
    sql: {
      value(text: string) {
        if (!fails(text)) return real.sql(text);
        throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR' });
      },
    },
  });
  const errors: string[] = [];
  const sent: string[] = [];
  let quiet = 0;
  let changed = () => {};
  const worker = createWorker({
    store,
    liveFeed: createLiveFeed(),
    ai: { process: async () => ({ kind: 'result', data: {} }) },
    note: () => {},
    cvs: { find: async () => null },
    settings: () => ({ provisioningLatencyMs: 0 }),
    facts: () => undefined,
    onError: (error) => errors.push((error as Error).message),
    enqueue: ({ source }) => sent.push(source.reference_id),
    onEnqueued: () => changed(),
  });
  worker.onQuiet(() => {
    quiet++;
    changed();
  });
  onTestFinished(async () => {
    await worker.stop();
    real.close();
  });
  return {
    worker,
    errors,
    sent,
    get quiet() {
      return quiet;
    },
    failWhere(which: (text: string) => boolean) {
      fails = which;
    },
    accept(id: string) {
      const event = {
        event: 'vacancy.created' as const,
        event_id: null,
        client_id: 'acme-corp',
        user_id: 'admin-user',
        payload: { vacancy_id: id, title: 'Welder' },
      };
      const seq = insertEvent(
        real,
        {
          reference_id: id,
          ats_id: 'demo-ats',
          client_id: event.client_id,
          user_id: event.user_id,
          event: event.event,
          event_id: null,
          via: 'webhook',
          target_id: null,
          body: Buffer.from(JSON.stringify({ ...event, ...event.payload })),
          body_hash: Buffer.from(id),
          received_at: Date.now(),
        },
        null,
        false,
      );
      worker.add(seq, null, event);
    },
    until: (condition: () => boolean) =>
      new Promise<void>((resolve) => {
        changed = () => condition() && resolve();
        changed();
      }),
  };
}

const isList = (text: string) => text.includes("WHERE state = 'queued' AND event_seq >");
const isEvent = (text: string) => text.startsWith('SELECT * FROM event WHERE seq');

test('who waits for the last job is told also where it took two tries to see that there is none', async () => {
  const made = makeWorker();
  made.worker.start();
  await made.worker.stop();
  const before = made.quiet;
  made.failWhere(isList);
  made.worker.start();
  expect(made.errors).toEqual(['disk I/O error']);
  expect([made.worker.isBusy(), made.quiet]).toEqual([true, before]);
  made.failWhere(() => false);
  await made.until(() => made.quiet > before);
  expect(made.worker.isBusy()).toBe(false);
});

test('a job that could not be read when it came is done once it can be, whatever came after it', async () => {
  const made = makeWorker();
  made.worker.start();
  made.failWhere((text) => isEvent(text) || isList(text));
  made.accept('first');
  expect(made.errors).toContain('disk I/O error');
  made.failWhere(() => false);
  made.accept('second');
  await made.until(() => made.sent.length === 2 && !made.worker.isBusy());
  expect(made.sent).toEqual(['first', 'second']);
});
