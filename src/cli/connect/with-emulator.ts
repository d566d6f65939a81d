import type { Command } from 'commander';
import { type ControlClient, createControlClient } from '../../client/control-client.ts';
import { TOKEN_PLACE } from '../../client/emulator-file.ts';
import { ControlError, ForeignAnswerError, UnreachableError } from '../../client/errors.ts';
import { loadAts } from '../config/ats.ts';
import { CliError, EXIT } from '../terminal/errors.ts';
import type { Io } from '../terminal/io.ts';
import type { GlobalOptions } from '../terminal/output.ts';
import { lookupEmulator } from './find-gateway.ts';

/**
 * Runs `task` with a client of the running emulator, and turns what the client throws into errors for
 * the user.
 *
 * @throws CliError: exit 2 when no emulator runs, 4 when it refuses, 5 when it cannot be reached.
 */
export async function withEmulator<T>(
  io: Io,
  command: Command,
  task: (client: ControlClient) => Promise<T>,
): Promise<T> {
  const { config } = command.optsWithGlobals<GlobalOptions>();
  const lookup = lookupEmulator(io, loadAts(io, { config }));
  if (!lookup.found) throw new CliError(lookup.message, { next: lookup.next });
  const ended = new AbortController();
  try {
    return await task(openClient(lookup, ended.signal));
  } catch (error) {
    throw translateControlError(error, lookup.path);
  } finally {
    // What nobody waits for any more would keep the process.
    ended.abort();
  }
}

/**
 * @param signal ends whatever is in flight.
 * @throws CliError (exit 2) for an address or a token that can be none.
 */
export function openClient(
  place: { url: string; token: string; path: string | null; caFile?: string },
  signal?: AbortSignal,
): ControlClient {
  try {
    return createControlClient({ url: place.url, token: place.token, caFile: place.caFile, signal });
  } catch (error) {
    const where = place.path ?? 'CARVOS_URL, CARVOS_CONTROL_TOKEN';
    throw new CliError((error as Error).message, { where, cause: error });
  }
}

/**
 * What the control client throws, as an error for the user; anything else as it is.
 *
 * @param file the emulator file that named the address, `null` when the environment did.
 */
export function translateControlError(error: unknown, file: string | null): unknown {
  if (error instanceof ControlError) {
    const details = { where: `control API, status ${error.status}`, exitCode: EXIT.refused, cause: error };
    const what = detailText(error);
    if (error.status === 404) return new CliError(what, { ...details, next: nextOf(what) });
    if (error.status !== 401) return new CliError(what, details);
    return new CliError('the gateway does not accept the control token', {
      ...details,
      next: `check CARVOS_CONTROL_TOKEN, or run below the folder where \`carvos dev\` was started: ${TOKEN_PLACE}`,
    });
  }
  if (error instanceof ForeignAnswerError) {
    return new CliError(error.message, {
      where: error.found,
      next:
        file === null
          ? 'check CARVOS_URL; carvos --version of both must fit'
          : `check the address in ${file}, and that carvos --version of both fit`,
      exitCode: EXIT.refused,
      cause: error,
    });
  }
  if (error instanceof UnreachableError) {
    // The pid of a stale file can belong to another process by now.
    const stale = file !== null && error.code === 'refused';
    return new CliError(stale ? 'no gateway is running' : error.message, {
      where: file ?? undefined,
      next: stale
        ? `the file is stale: nothing listens at its address. Start \`carvos dev\` again`
        : error.hint,
      exitCode: stale ? EXIT.usage : EXIT.unreachable,
      cause: error,
    });
  }
  return error;
}

/** The gateway's words for what is not there, which may hold the name that was asked for, and what lists all. */
const LISTED_BY: readonly [refusal: RegExp, command: string][] = [
  [/^(?:\S+: )?Unknown delivery\b|: there is no such delivery or attempt$/, 'deliveries'],
  [/^Unknown job\b/, 'jobs'],
  [/^Unknown fault\b/, 'fault'],
  [/^Workspace not found\b|^There is no workspace /, 'workspace'],
];

/** Which command lists what there is, where that is not there which was named. */
function nextOf(what: string): string | undefined {
  if (what.startsWith('Say which workspace with client_id:')) return 'add --client-id';
  if (what.startsWith('several ATSs:')) return 'add --ats-id; carvos status lists them';
  const kind = /^(?:No workspace has|There is no) (candidate|vacancy|application) /.exec(what)?.[1];
  if (kind !== undefined) return `send it first, as with carvos send ${kind}.created`;
  const command = LISTED_BY.find(([refusal]) => refusal.test(what))?.[1];
  return command && `carvos ${command} lists those that there are`;
}

function detailText({ detail }: ControlError): string {
  if (typeof detail === 'string') return detail;
  return detail.map(({ loc, msg }) => `${loc.join('.')}: ${msg}`).join('; ');
}
