import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { CONTROL_PREFIX } from '../../contract/control/calls.ts';
import type { LogRecord } from '../../contract/control.ts';
import { calledAs } from '../../files/called-as.ts';
import { readBounded } from '../../transport/kept-bytes.ts';
import { limitBySignal } from '../../transport/limit-time.ts';
import {
  type AtsConfig,
  type AtsSettings,
  type CredentialKind,
  type LoadOptions,
  loadAts,
} from '../config/ats.ts';
import { describeDiffering, type RunningCredentials } from '../config/differing-secrets.ts';
import type { Io } from '../terminal/io.ts';
import { findRunning } from './find-gateway.ts';

/** Real milliseconds that the gateway gets: whoever signs should not wait for one that hangs. */
const ANSWER_MS = 1000;
const MOST_BYTES = 1024 * 1024;

/**
 * Warns where the gateway that runs here has other credentials than those that a command is about to use.
 * Nothing is said where there is none. Without the schemas: `sign` must start fast.
 */
export async function warnOfDiffering(
  io: Io,
  config: AtsSettings,
  ats: AtsConfig,
  kinds: readonly CredentialKind[],
): Promise<void> {
  const found = findRunning(io, config);
  if (!found.found) return;
  const running = await askCredentials(found, ats.id);
  if (running === 'late') {
    io.stderr.write(
      `warning: the gateway at ${found.url} did not answer within ${ANSWER_MS / 1000} s: whether it has the same credentials is not known\n`,
    );
  }
  if (running === null || running === 'late') return;
  for (const text of describeDiffering(ats, running, kinds)) {
    io.stderr.write(
      `warning: ${text}\n  next: put the value in force into .env; if nobody has it, ${calledAs()} config rotate … --write-env makes a new one\n`,
    );
  }
}

/**
 * The same after attempts that were refused as wrongly signed, or as sent by nobody that is known.
 *
 * @throws CliError (exit 2) where the configuration cannot be read.
 */
export async function warnAfterRefusal(
  io: Io,
  options: LoadOptions,
  attempts: readonly Pick<LogRecord, 'ats_id' | 'direction' | 'response_status'>[],
): Promise<void> {
  const refused = attempts.filter((one) => one.response_status === 401);
  if (refused.length === 0) return;
  const config = loadAts(io, options);
  for (const ats of config.ats) {
    const own = refused.filter((one) => one.ats_id === ats.id);
    const kinds: CredentialKind[] = [];
    if (own.some(({ direction }) => direction === 'outgoing')) kinds.push('outgoing_secret');
    if (own.some(({ direction }) => direction === 'incoming')) kinds.push('incoming_secret', 'api_key');
    if (kinds.length > 0) await warnOfDiffering(io, config, ats, kinds);
  }
}

async function askCredentials(
  { url, token }: { url: string; token: string },
  atsId: string,
): Promise<RunningCredentials | 'late' | null> {
  const { signal, callOff } = limitBySignal(ANSWER_MS);
  try {
    const answer = await read(new URL(`${CONTROL_PREFIX}/status`, url), token, signal);
    const { ats } = JSON.parse(answer) as { ats: ({ id: string } & RunningCredentials)[] };
    return ats.find(({ id }) => id === atsId) ?? null;
  } catch {
    return signal.aborted ? 'late' : null;
  } finally {
    callOff();
  }
}

async function read(url: URL, token: string, signal: AbortSignal): Promise<string> {
  const { get } = url.protocol === 'https:' ? https : http;
  const headers = { Authorization: `Bearer ${token}` };
  const request = get(url, { agent: false, headers, signal });
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  return String(await readBounded(response, MOST_BYTES));
}
