import type { EventDirection } from '../contract/event-names.ts';
import { loadConfig, selectAts } from './config/load.ts';
import type { Secret } from './config/secrets.ts';
import type { Io } from './io.ts';

/** The secret that signs one direction's webhooks, from the configuration. */
export function configuredSecret(
  io: Io,
  direction: EventDirection,
  options: { config?: string; atsId?: string },
): Secret {
  const ats = selectAts(loadConfig(io, options), options.atsId);
  return direction === 'incoming' ? ats.incomingSecret : ats.outgoingSecret;
}
