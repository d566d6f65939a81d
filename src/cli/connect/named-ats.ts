import { type LoadOptions, loadAts } from '../config/ats.ts';
import type { Io } from '../terminal/io.ts';

/** The ATS that a call names: by its flag, or by CARVOS_ATS_ID. `undefined` where the gateway is to choose. */
export function namedAts(io: Io, { config, atsId }: LoadOptions): string | undefined {
  return atsId ?? loadAts(io, { config }).environment.get('CARVOS_ATS_ID')?.value;
}
