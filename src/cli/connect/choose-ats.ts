import type { ControlClient } from '../../client/control-client.ts';
import { type LoadOptions, loadAts } from '../config/ats.ts';
import type { Io } from '../terminal/io.ts';

/**
 * The ATS that a call is about where several are in the gateway, as beside those that scenarios added: the one given, or
 * as `selectAts` has it.
 *
 * @returns `undefined` where the gateway has to choose, or to refuse.
 */
export async function chooseAts(
  client: ControlClient,
  io: Io,
  { config, atsId }: LoadOptions,
): Promise<string | undefined> {
  if (atsId !== undefined) return atsId;
  const { ats } = await client.status();
  if (ats.length < 2) return undefined;
  const { environment, ats: configured } = loadAts(io, { config });
  const only = configured.length === 1 ? configured[0]!.id : undefined;
  const meant = environment.get('CARVOS_ATS_ID')?.value ?? only;
  return ats.find(({ id }) => id === meant)?.id;
}
