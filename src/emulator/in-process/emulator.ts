import { AtsRequest } from '../../contract/control/ats.ts';
import { environmentOf } from '../../contract/environment.ts';
import { refused } from '../../contract/errors.ts';
import { addAts } from '../ats/add-ats.ts';
import type { ControlParts } from '../control/parts.ts';
import { viewClock, viewStatus } from '../control/views.ts';
import type { PausedReceivers } from '../outgoing/paused-receivers.ts';
import { type AtsOptions, type EmulatorOptions, faultRuleOf, type Settings } from '../settings.ts';
import type { Emulator } from './api.ts';
import { createEmulatorDeliveries } from './deliveries.ts';
import { createRun } from './run.ts';
import { createSend } from './send.ts';

export interface EmulatorParts extends ControlParts {
  options: EmulatorOptions;
  port: number;
  controlToken: string;
  pausedReceivers: PausedReceivers;
  closing: AbortSignal;
  reload(settings: Settings): string[];
  /** Called once. */
  close(): Promise<void>;
}

/** A running gateway, as whoever started it in this process has it in hand. */
export function createEmulator(parts: EmulatorParts): Emulator {
  const { store, registry, clock, clockMoves, faults, assumptions, liveFeed, snapshots } = parts;
  const url = parts.url();
  const firstAtsId = () => parts.settings().ats[0]?.id;
  /** Of those that were added, as of those of the options, credentials are known here alone. */
  const added = new Map<string, Pick<AtsOptions, 'apiKey' | 'incomingSecret' | 'outgoingSecret'>>();
  const requireAts = (id = firstAtsId()) => {
    const ats = registry.get(id ?? '');
    if (!ats) throw refused('unknown_ats', `Unknown ATS ${id}`);
    return ats;
  };
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= parts.close();
    return closed;
  };

  const emulator: Omit<Emulator, typeof Symbol.asyncDispose> = {
    url,
    port: parts.port,
    controlToken: parts.controlToken,
    listAts: () => registry.list().map((ats) => ({ id: ats.id, webhookUrl: registry.webhookUrl(ats) })),
    outgoingSecrets: () => registry.list().flatMap((ats) => registry.validSecrets(ats, 'outgoing')),
    env(atsId) {
      const { id } = requireAts(atsId);
      const known = added.get(id) ?? parts.settings().ats.find((one) => one.id === id);
      if (!known) throw refused('unknown_ats', `The credentials of ${id} are not known here`);
      return environmentOf({ url, controlToken: parts.controlToken }, { ...known, id });
    },
    send: createSend({ store, registry, door: parts.trustedDoor, firstAtsId }),
    ...createEmulatorDeliveries(parts.watch, parts.closing),
    run: createRun({
      url,
      controlToken: parts.controlToken,
      registry,
      settings: parts.settings,
      certificate: parts.options.tls?.cert,
      closing: parts.closing,
    }),
    setWebhookUrl: (webhookUrl, atsId) => registry.update(requireAts(atsId).id, { webhook_url: webhookUrl }),
    addAts({ webhookUrl, clientId, userId, ...names } = {}) {
      const request = { ...names, webhook_url: webhookUrl, client_id: clientId, user_id: userId };
      const ats = addAts(registry, AtsRequest.parse(request), url);
      const { api_key: apiKey, incoming_secret: incomingSecret, outgoing_secret: outgoingSecret } = ats;
      added.set(ats.id, { apiKey, incomingSecret, outgoingSecret });
      return {
        id: ats.id,
        name: ats.name,
        webhookUrl: ats.webhook_url,
        clientId: ats.client_id,
        userId: ats.user_id,
        apiKey,
        incomingSecret,
        outgoingSecret,
        url: ats.url,
        incomingUrl: ats.incoming_url,
      };
    },
    holdDeliveries: parts.pausedReceivers.pauseAll,
    status: () => viewStatus(parts),
    async reset() {
      await snapshots.reset();
      added.clear();
    },
    clock: {
      view: () => viewClock(store, clock),
      pause: clock.pause,
      resume: clock.resume,
      setSpeed: clock.setSpeed,
      advance: clockMoves.advance,
      next: clockMoves.next,
      drain: clockMoves.drain,
    },
    faults: { list: faults.list, add: (rule) => faults.add(faultRuleOf(rule)), clear: faults.clear },
    assumptions: assumptions.list,
    explained: parts.recordDiagnoser.settled,
    subscribe: liveFeed.subscribe,
    reload: parts.reload,
    close,
  };
  // Where the runtime has no such symbol, a polyfill may have put it there after this file was loaded, or
  // registers the name that compilers fall back to.
  const dispose = Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose');
  return Object.defineProperty(emulator, dispose, { value: close }) as Emulator;
}
