import type { EventDirection } from '../../contract/event-names.ts';
import type { Io } from '../terminal/io.ts';
import { loadAts, selectAts } from './ats.ts';
import type { Secret } from './secrets.ts';

/** The secret that signs one direction's webhooks, from the configuration. */
export function configuredSecret(
  io: Io,
  direction: EventDirection,
  options: { config?: string; atsId?: string },
): Secret {
  const ats = selectAts(loadAts(io, options), options.atsId);
  return direction === 'incoming' ? ats.incomingSecret : ats.outgoingSecret;
}
