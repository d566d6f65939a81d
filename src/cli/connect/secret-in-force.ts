import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { EventDirection } from '../../contract/event-names.ts';
import { loadAts, selectAts } from '../config/ats.ts';
import type { Secret } from '../config/secrets.ts';
import type { Io } from '../terminal/io.ts';

/**
 * The configured secret of a direction. Warns where a gateway that runs here has another one; what asks it is loaded
 * only where there may be one, since `sign` and `verify` must start fast.
 */
export async function secretInForce(
  io: Io,
  direction: EventDirection,
  options: { config?: string; atsId?: string },
): Promise<Secret> {
  const settings = loadAts(io, options);
  const ats = selectAts(settings, options.atsId);
  const isNamed = settings.environment.get('CARVOS_CONTROL_TOKEN') !== null;
  if (isNamed || isNear(io.cwd) || isNear(settings.folder)) {
    const { warnOfDiffering } = await import('./warn-differing.ts');
    await warnOfDiffering(io, settings, ats, [`${direction}_secret`]);
  }
  return direction === 'incoming' ? ats.incomingSecret : ats.outgoingSecret;
}

/** Whether a gateway left its file here or above. */
function isNear(folder: string): boolean {
  for (let at = resolve(folder); ; at = dirname(at)) {
    if (existsSync(join(at, '.carvos', 'emulator.json'))) return true;
    if (dirname(at) === at) return false;
  }
}
