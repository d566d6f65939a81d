import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { DEFAULT_SEED } from '../contract/faults.ts';
import { applySettings } from './apply-settings.ts';
import { createAssumptionNotes } from './assumptions/notes.ts';
import { createAtsRegistry } from './ats/registry.ts';
import type { ControlParts } from './control/parts.ts';
import { createFaults } from './faults/faults.ts';
import type { Emulator } from './in-process/api.ts';
import { createEmulator } from './in-process/emulator.ts';
import { type NormalOptions, normalizeOptions, type StartOptions } from './in-process/start-options.ts';
import { createAcceptor } from './incoming/accept.ts';
import { createRequestGate } from './incoming/request-gate.ts';
import { createTrustedDoor } from './incoming/trusted-door.ts';
import { createErrorNotice, createLiveFeed } from './live-feed.ts';
import { createDeliveryWatch } from './log/delivery-watch.ts';
import { createRecordDiagnoser } from './log/diagnose-record.ts';
import { createMeetings } from './meetings/record-meeting.ts';
import { createOutgoing } from './outgoing/outgoing.ts';
import { createPausedReceivers } from './outgoing/paused-receivers.ts';
import { createAi } from './processing/ai/ai.ts';
import { createCvFinder } from './processing/cv-text/find-cv.ts';
import { createCvReader } from './processing/cv-text/reader.ts';
import { createWorker } from './processing/worker.ts';
import { hostListenedOn, listen, tryPort } from './server/listen.ts';
import { createGatewayServer } from './server/server.ts';
import { type Undo, undoOnFailure } from './server/undo-start.ts';
import { faultRuleOf, type Settings } from './settings.ts';
import { createSnapshotReader } from './snapshot/reader.ts';
import { watchDatabase } from './state/database-watch.ts';
import { keepSchedule } from './state/keep-schedule.ts';
import { createRetention } from './state/retention.ts';
import { createSnapshots } from './state/snapshots.ts';
import { asStartError } from './store/database-error.ts';
import { openStore } from './store/open-store.ts';
import { readSchedule } from './store/schedule.ts';
import type { Store } from './store/store.ts';
import { deleteUnfinishedUploads } from './store/uploads.ts';
import { closingGrace } from './time/closing-grace.ts';
import { createClockMoves } from './time/move-clock.ts';
import { createScheduleClock } from './time/schedule-clock.ts';
import { wallNow } from './time/wall.ts';

/**
 * Starts a gateway. When the promise resolves it answers requests. Every option has a default; many can
 * run in one process.
 *
 * @throws DatabaseError when the database cannot be used; ApiKeyTakenError when it holds another ATS with the
 *   same key; the listener's error (`EADDRINUSE` …) when the port cannot be had.
 */
export function startEmulator(start: StartOptions = {}): Promise<Emulator> {
  return undoOnFailure(async (undo) => {
    const options = normalizeOptions(start);
    // Nothing is made for a gateway that does not get its port.
    if (!existsSync(options.database)) await tryPort(options);
    const store = openStore(options.database);
    undo.add(store.close);
    const refuse = (error: unknown) => Promise.reject(asStartError(error, store.file));
    return await assemble(store, options, undo).catch(refuse);
  });
}

async function assemble(store: Store, options: NormalOptions, undo: Undo): Promise<Emulator> {
  let settings: Settings = options;
  const gate = createRequestGate(
    () => clockMoves.quiet(),
    () => databaseWatch.isUnusable,
  );
  const liveFeed = createLiveFeed();
  const onError = createErrorNotice(liveFeed, {
    storage_full() {
      databaseWatch.noteFull();
      retention.relieve();
    },
    storage_unusable: (error) => clockMoves.fail(error),
  });
  const databaseWatch = watchDatabase(store, liveFeed, onError);
  undo.add(databaseWatch.stop);
  const registry = createAtsRegistry(
    store,
    () => settings.fallbackWebhookUrl,
    () => pausedReceivers.recheck(),
  );
  const pausedReceivers = createPausedReceivers({ registry, settings: () => settings });
  let url = '';
  registry.applyOptions(options.ats, true);
  const faults = createFaults(store, () => settings.seed ?? DEFAULT_SEED, onError);
  faults.applyConfig((options.faults ?? []).map(faultRuleOf));
  const ai = createAi(
    {
      faults,
      gatewayUrl: () => url,
      report: (level, text) => liveFeed.publish(() => ({ type: 'notice', level, text })),
      onError,
    },
    options.ai ?? {},
  );
  undo.add(ai.close);
  const assumptions = createAssumptionNotes(store, onError, () => settings.facts);
  undo.add(assumptions.stop);
  const { note } = assumptions;
  const clock = createScheduleClock(readSchedule(store), options.speed);
  undo.add(clock.close);
  const controlToken = options.controlToken ?? randomBytes(24).toString('base64url');

  const recordDiagnoser = createRecordDiagnoser({ store, registry, onError });
  /** What nearly everything works on. */
  const common = {
    store,
    registry,
    clock,
    liveFeed,
    faults,
    note,
    diagnose: recordDiagnoser.diagnose,
    settings: () => settings,
    facts: () => settings.facts,
    onError,
  };
  const outgoing = createOutgoing({ ...common, bounds: options.inFlight, pausedReceivers });
  const { sender, attempts, engine } = outgoing;
  const queued = { enqueue: outgoing.outbox.enqueue, onEnqueued: outgoing.wake };
  const cvReader = createCvReader();
  const worker = createWorker({
    ...common,
    ...queued,
    ai,
    cvs: createCvFinder(store, cvReader),
  });
  const door = createAcceptor({
    ...common,
    onAccepted: (seq, presetError, event) => worker.add(seq, presetError, event),
  });
  const acceptor = gate.counted(door);
  const isBusy = () => gate.accepting > 0 || worker.isBusy() || engine.isBusy();
  const retention = createRetention({ store, isBusy, onError });
  const clockMoves = createClockMoves({
    clock,
    watchAttempts: attempts.watch,
    isBusy,
    nextDue: engine.nextDue,
    age: retention.age,
    onAdvanced: retention.sweep,
  });
  // What is still being received was begun by a process that is dead, or went with the content before.
  const clean = store.db.transaction(() => deleteUnfinishedUploads(store));
  const snapshotReader = createSnapshotReader();
  const snapshots = createSnapshots({
    ...common,
    engine,
    worker,
    attempts,
    sender,
    assumptions,
    reader: snapshotReader,
    shut: () => gate.shut('replacing'),
    open() {
      gate.reopen();
      clean();
    },
    onReplaced: clockMoves.replaced,
    isFull: () => databaseWatch.isFull,
  });
  worker.onQuiet(clockMoves.quiet);
  engine.onQuiet(clockMoves.quiet);

  const control: ControlParts = {
    ...common,
    watch: createDeliveryWatch(common),
    recordDiagnoser,
    clockMoves,
    replayer: outgoing.replayer,
    snapshots,
    assumptions,
    meetings: createMeetings({ ...common, ...queued }),
    testEvents: outgoing.testEvents,
    trustedDoor: createTrustedDoor(acceptor, gate),
    worker,
    url: () => url,
    startedAt: wallNow(),
  };
  const server = await createGatewayServer({
    ingress: { ...common, acceptor },
    routes: {
      rest: {
        ...common,
        acceptor,
        tell: (text) => liveFeed.publish(() => ({ type: 'notice', level: 'info', text })),
        enter: gate.enter,
      },
      control,
      ai: { store, links: ai.links },
    },
    controlToken,
    allowHosts: [...options.allowHosts, hostListenedOn(options.host)],
    tls: options.tls,
    page: options.portal === true,
    closedFor: () => gate.closedFor,
    isFull: () => databaseWatch.isFull,
    enter: gate.enter,
    onError,
  });

  clean();
  const place = await listen(server, options);
  url = place.url;
  const isPending = () => engine.isBusy() || engine.nextDue() !== null;
  const stopKeeping = keepSchedule(store, clock, isPending, onError);

  const closing = new AbortController();
  const close = async () => {
    closing.abort();
    clockMoves.close();
    const drained = gate.shut('shutting_down');
    databaseWatch.stop();
    retention.stop();
    snapshotReader.close(); // one that is being read is given up
    await snapshots.close();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    stopKeeping();
    faults.stop();
    recordDiagnoser.stop();
    await worker.stop();
    await ai.close();
    await cvReader.close();
    await engine.stop(closingGrace(settings.receiverTimeoutMs));
    server.closeAllConnections();
    await Promise.all([closed, drained]);
    clock.close();
    // Where the disk is full, the position of the last second stands.
    assumptions.stop();
    assumptions.write().catch(() => {});
    store.group.commit();
    store.close();
    // Last: an attempt that is cut off here is not recorded; the next start logs it as interrupted.
    await sender.close();
  };

  undo.replace(close);
  await options.onListening?.({ url, controlToken });
  attempts.releaseAbandoned();
  engine.start();
  worker.start();
  retention.start();
  gate.reopen();

  return createEmulator({
    ...control,
    options,
    port: place.port,
    controlToken,
    pausedReceivers,
    closing: closing.signal,
    reload(next) {
      const before = settings;
      settings = next;
      try {
        return applySettings({ registry, clock, faults, ai }, before, next);
      } catch (error) {
        settings = before;
        throw error;
      }
    },
    close,
  });
}
