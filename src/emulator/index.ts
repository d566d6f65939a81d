import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { clearInterval, setInterval } from 'node:timers';
import { DEFAULT_SEED } from '../contract/misbehaviour.ts';
import { createAcceptor } from './accept.ts';
import { createAiRoutes } from './ai-routes.ts';
import { createAssumptionNotes } from './assumption-notes.ts';
import { createAtsRegistry } from './ats-registry.ts';
import { createAttempts } from './attempts.ts';
import { createScheduleClock, wallNow } from './clock.ts';
import { createContent } from './content.ts';
import { createControlRoutes } from './control/routes.ts';
import { viewClock } from './control/views.ts';
import { createDeliveryEngine } from './delivery/engine.ts';
import { createAttemptSender } from './delivery/send-attempt.ts';
import { createExplainer } from './explain.ts';
import { createFaults, type Faults } from './faults.ts';
import { createRestRoutes } from './gateway/rest-routes.ts';
import { createDeliverySender } from './inject-delivery.ts';
import { createJournal } from './journal.ts';
import { createMeetings } from './meetings.ts';
import { createErrorNotice } from './notice.ts';
import type { Emulator, EmulatorOptions, Settings } from './options.ts';
import { createOutbox } from './outbox.ts';
import { type Ai, createAi } from './processing/ai/ai.ts';
import { createCvFinder } from './processing/cv-text/find-cv.ts';
import { createCvReader } from './processing/cv-text/reader.ts';
import { createWorker } from './processing/worker.ts';
import { createReplayer } from './replay.ts';
import { createRequestGate } from './request-gate.ts';
import { createRetention } from './retention.ts';
import { readSchedule, writeSchedule } from './schedule-position.ts';
import { createGatewayServer } from './server.ts';
import { createSteering } from './steer.ts';
import { listReceivers, nextDueOf } from './store/claims.ts';
import { openStore } from './store/open-store.ts';
import { createTestEvents } from './test-events.ts';
import { createUploadSweep } from './upload-sweep.ts';

export type * from './options.ts';
export { DatabaseError } from './store/open-store.ts';

const DEFAULT_IN_FLIGHT = { perReceiver: 64, overall: 512 };
const SAVE_CLOCK_MS = 1000;
/** How long `close` waits for receivers that are allowed to take for ever. */
const UNBOUNDED_GRACE_MS = 2000;
/** What it allows beyond the receivers' time-out for writing down; a full disk must not hold it for ever. */
const RECORD_GRACE_MS = 3000;

/**
 * Starts a gateway. When the promise resolves it answers requests.
 *
 * @throws DatabaseError when the database cannot be used; the listener's error (`EADDRINUSE` …) when
 *   the port cannot be had.
 */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  let settings: Settings = options;
  const bounds = options.inFlight ?? DEFAULT_IN_FLIGHT;
  const gate = createRequestGate();
  const store = openStore(options.database);
  const journal = createJournal();
  const onError = createErrorNotice(journal);
  const registry = createAtsRegistry(store, () => settings.fallbackWebhookUrl);
  let faults: Faults;
  let ai: Ai;
  let url = '';
  try {
    registry.applyOptions(options.ats);
    faults = createFaults(store, () => settings.seed ?? DEFAULT_SEED, onError);
    faults.applyConfig(options.faults ?? []);
    ai = createAi(
      {
        faults,
        gatewayUrl: () => url,
        tell: (level, text) => journal.publish(() => ({ type: 'notice', level, text })),
        onError,
      },
      options.ai ?? {},
    );
  } catch (error) {
    store.close();
    throw error;
  }
  const assumptions = createAssumptionNotes(store, onError);
  const { note } = assumptions;
  const clock = createScheduleClock(readSchedule(store), options.speed);
  const controlToken = options.controlToken ?? randomBytes(24).toString('base64url');

  const explainer = createExplainer({ store, registry, onError });
  const sender = createAttemptSender(bounds.perReceiver);
  const outbox = createOutbox({ store, clock, note });
  const attempts = createAttempts({
    store,
    registry,
    clock,
    journal,
    sender: createDeliverySender(store, faults, sender),
    note,
    receiverTimeoutMs: () => settings.receiverTimeoutMs,
    explain: explainer.explain,
    onError,
  });
  const engine = createDeliveryEngine({
    clock,
    bounds,
    receivers: () => listReceivers(store),
    nextDue: (receiver) => nextDueOf(store, receiver),
    claim: attempts.claim,
    send: attempts.send,
    record: attempts.record,
    onError,
  });
  const cvReader = createCvReader();
  const uploads = createUploadSweep(store, onError);
  const worker = createWorker({
    store,
    journal,
    ai,
    note,
    cvs: createCvFinder(store, cvReader),
    provisioningLatencyMs: () => settings.provisioningLatencyMs,
    enqueue: outbox.enqueue,
    onEnqueued: (atsId) => engine.wake(atsId, clock.now()),
    onError,
  });
  const meetings = createMeetings({
    store,
    journal,
    enqueue: outbox.enqueue,
    onEnqueued: (atsId) => engine.wake(atsId, clock.now()),
  });
  const testEvents = createTestEvents({
    store,
    journal,
    enqueue: outbox.enqueueTest,
    onEnqueued: (atsId) => engine.wake(atsId, clock.now()),
  });
  const acceptor = createAcceptor({
    store,
    clock,
    journal,
    note,
    settings: () => settings,
    onAccepted: (seq, presetError) => worker.add(seq, presetError),
    explain: explainer.explain,
  });
  const isBusy = () => gate.open > 0 || worker.isBusy() || engine.isBusy();
  const retention = createRetention({ store, isBusy, onError });
  const steering = createSteering({
    clock,
    watchAttempts: attempts.watch,
    isBusy,
    nextDue: engine.nextDue,
    onAdvanced: async (ms) => {
      await retention.advance(ms);
      await uploads.age(ms);
    },
  });
  const content = createContent({
    store,
    registry,
    clock,
    journal,
    engine,
    worker,
    attempts,
    sender,
    faults,
    assumptions,
    settings: () => settings,
    shut: () => gate.shut('replacing'),
    open() {
      uploads.clean();
      gate.reopen();
    },
    onError,
  });
  worker.onQuiet(steering.quiet);
  engine.onQuiet(steering.quiet);

  const replayer = createReplayer({
    store,
    registry,
    clock,
    journal,
    wake: (receiver) => engine.wake(receiver, clock.now()),
  });

  const server = createGatewayServer({
    ingress: { registry, acceptor, faults, note },
    rest: createRestRoutes({ store, registry, acceptor, faults, note }),
    control: createControlRoutes({
      store,
      registry,
      clock,
      journal,
      explainer,
      steering,
      replayer,
      receiverTimeoutMs: () => settings.receiverTimeoutMs,
      content,
      faults,
      assumptions,
      meetings,
      testEvents,
      worker,
      url: () => url,
      startedAt: wallNow(),
    }),
    ai: createAiRoutes(store, ai.links),
    note,
    controlToken,
    allowHosts: options.allowHosts,
    closedFor: () => gate.closedFor,
    onActivity(open) {
      gate.count(open);
      if (open === 0) steering.quiet();
    },
    onError,
  });

  uploads.clean();
  try {
    await listen(server, options.port, options.host);
  } catch (error) {
    clock.close();
    assumptions.stop();
    store.close();
    throw error;
  }
  const { port } = server.address() as AddressInfo;
  url = `http://${reachableHost(options.host)}:${port}`;
  attempts.releaseAbandoned();
  engine.start();
  worker.start();
  retention.start();
  uploads.start();
  gate.reopen();
  // Where the schedule stands is written down once a second while it matters, and with every jump: a
  // crash repeats at most a second of it.
  let savePending = false;
  const saveClock = () => {
    if (savePending) return;
    savePending = true;
    store.group
      .submit(() => writeSchedule(store, clock))
      .catch(onError)
      .finally(() => {
        savePending = false;
      });
  };
  clock.onChange(saveClock);
  const saver = setInterval(() => {
    if (clock.mode === 'running' && engine.nextDue() !== null) saveClock();
  }, SAVE_CLOCK_MS);
  saver.unref();

  let closing: Promise<void> | undefined;
  const close = async () => {
    void gate.shut('shutting_down');
    retention.stop();
    await content.idle();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    clearInterval(saver);
    faults.stop();
    explainer.stop();
    uploads.stop();
    await worker.stop();
    await ai.close();
    await cvReader.close();
    const { receiverTimeoutMs: limit } = settings;
    await engine.stop(limit === null ? UNBOUNDED_GRACE_MS : limit + RECORD_GRACE_MS);
    server.closeAllConnections();
    await closed;
    clock.close();
    // Where the disk is full, the position of the last second stands.
    assumptions.stop();
    store.group.submit(() => writeSchedule(store, clock)).catch(() => {});
    store.group.submit(assumptions.write).catch(() => {});
    store.group.commit();
    store.close();
    // Last: an attempt that is cut off here is not recorded; the next start logs it as interrupted.
    await sender.close();
  };

  const emulator: Emulator = {
    url,
    port,
    controlToken,
    listAts: () => registry.list().map((ats) => ({ id: ats.id, webhookUrl: registry.webhookUrl(ats) })),
    outgoingSecrets: () => registry.list().flatMap((ats) => registry.validSecrets(ats, 'outgoing')),
    clock: {
      view: () => viewClock(store, clock),
      pause: clock.pause,
      resume: clock.resume,
      setSpeed: clock.setSpeed,
      advance: steering.advance,
      next: steering.next,
      drain: steering.drain,
    },
    faults: { list: faults.list, add: faults.add, clear: faults.clear },
    assumptions: assumptions.list,
    subscribe: journal.subscribe,
    reload(next) {
      const changes = [...registry.applyOptions(next.ats), ...describeRules(settings, next)];
      settings = next;
      if (next.speed !== clock.speed) {
        clock.setSpeed(next.speed);
        changes.push(`speed is now ${next.speed}`);
      }
      if (faults.applyConfig(next.faults ?? [])) {
        changes.push(`faults of the config file: ${next.faults?.length ?? 0}`);
      }
      changes.push(...ai.apply(next.ai ?? {}));
      return changes;
    },
    close() {
      closing ??= close();
      return closing;
    },
    [Symbol.asyncDispose]: () => emulator.close(),
  };
  return emulator;
}

/** What of the rules changed, in words. */
function describeRules(before: Settings, after: Settings): string[] {
  const changes: string[] = [];
  if (after.receiverTimeoutMs !== before.receiverTimeoutMs) {
    const { receiverTimeoutMs: ms } = after;
    changes.push(`receiver timeout is now ${ms === null ? 'off' : `${ms / 1000} s`}`);
  }
  if (after.unprovisioned !== before.unprovisioned)
    changes.push(`unprovisioned is now ${after.unprovisioned}`);
  if (after.provisioningLatencyMs !== before.provisioningLatencyMs)
    changes.push(`provisioning now takes ${after.provisioningLatencyMs} ms`);
  return changes;
}

function listen(server: import('node:http').Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** A name that a program on this machine reaches the listener by: nobody can connect to "any address". */
function reachableHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
