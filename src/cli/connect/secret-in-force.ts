import { join } from 'node:path';
import type { EventDirection } from '../../contract/event-names.ts';
import { findUpward } from '../../files/folders-upward.ts';
import { type LoadOptions, loadAts, secretOf, selectAts } from '../config/ats.ts';
import type { Secret } from '../config/secrets.ts';
import type { Io } from '../terminal/io.ts';

/**
 * The configured secret of a direction. Warns where a gateway that runs here has another one; what asks it is loaded
 * only where there may be one, since `sign` and `verify` must start fast.
 */
export async function secretInForce(
  io: Io,
  direction: EventDirection,
  options: LoadOptions,
): Promise<Secret> {
  const settings = loadAts(io, options);
  const ats = selectAts(settings, options.atsId);
  const isNamed = settings.environment.get('CARVOS_CONTROL_TOKEN') !== null;
  if (isNamed || isNear(io.cwd) || isNear(settings.folder)) {
    const { warnOfDiffering } = await import('./warn-differing.ts');
    await warnOfDiffering(io, settings, ats, [`${direction}_secret`]);
  }
  return secretOf(ats, direction);
}

/** Whether a gateway left its file here or above. */
function isNear(folder: string): boolean {
  return findUpward(folder, join('.carvos', 'emulator.json')) !== null;
}
