import type { Command } from 'commander';
import type { PostResult } from '../../client/post-bytes.ts';
import type { AtsView, LogRecordDetail } from '../../contract/control.ts';
import { isConnectionFailure } from '../../transport/connection-failures.ts';
import { type EventBody, textField } from '../events/body.ts';
import { isCliError } from '../terminal/errors.ts';
import type { Io } from '../terminal/io.ts';
import { untilSignal } from '../terminal/until-signal.ts';
import { explainRecord } from '../text/attempt-reason.ts';
import { bytesOf } from '../text/http.ts';
import { explainAttemptOf } from './explain-deliveries.ts';
import { withEmulator } from './with-emulator.ts';

/** An ATS as a running gateway has it, with a webhook URL, of which no secrets are shown. */
export type RunningReceiver = AtsView & { webhook_url: string };

/** `null` when the gateway has no webhook URL for this ATS, or cannot be asked. */
export async function findRunningReceiver(
  io: Io,
  command: Command,
  atsId: string,
): Promise<RunningReceiver | null> {
  try {
    const { ats } = await withEmulator(io, command, (client) => client.status());
    const found = ats.find(({ id }) => id === atsId);
    return found?.webhook_url ? { ...found, webhook_url: found.webhook_url } : null;
  } catch (error) {
    // Its file may be stale. A test event needs no gateway.
    if (isCliError(error)) return null;
    throw error;
  }
}

/** Whether a body has what the gateway puts into headers and log. */
export function hasEventFields(body: EventBody): boolean {
  const header = /^[\x21-\x7e]{1,255}$/;
  return (
    header.test(textField(body, 'event') ?? '') &&
    header.test(textField(body, 'reference_id') ?? '') &&
    ['event_id', 'client_id'].every((name) => (textField(body, name) ?? '') !== '')
  );
}

export interface TestSent {
  result: PostResult;
  /** `null` where no gateway sent it. */
  deliveryId: string | null;
  /** Why the receiver refused it, where that is known. */
  why: string[];
}

/** Lets the running gateway send a test event, as the portal does: it is in the delivery log then. */
export async function sendThroughGateway(
  io: Io,
  command: Command,
  atsId: string,
  body: EventBody,
): Promise<TestSent> {
  return await withEmulator(io, command, async (client) => {
    const { delivery, attempt, location } = await untilSignal(
      io,
      client.sendTestEvent(atsId, body.bytes),
      'the receiver has not answered yet, and the gateway goes on with the test event',
      'carvos deliveries shows it',
    );
    const why = attempt?.response ? await explainAttemptOf(client, attempt.id, { location }) : [];
    return { result: asPostResult(attempt, location ?? null), deliveryId: delivery.id, why };
  });
}

function asPostResult(attempt: LogRecordDetail | null, location: string | null): PostResult {
  if (attempt === null) {
    const message = 'the receiver has not answered after 30 seconds';
    return {
      ok: false,
      code: 'timeout',
      message,
      hint: 'see carvos deliveries later',
      duration_ms: 30_000,
      tls: null,
    };
  }
  const { response, error, duration_ms, tls } = attempt;
  if (response !== null && attempt.outcome !== 'error') {
    const { truncated } = response.body;
    const headers = location === null ? response.headers : { ...response.headers, location };
    return {
      ok: true,
      status: response.status,
      headers,
      body: bytesOf(response.body),
      truncated,
      duration_ms,
      tls,
    };
  }
  const [hint] = explainRecord(attempt, { shown: true });
  return {
    ok: false,
    code: error !== null && isConnectionFailure(error.code) ? error.code : 'failed',
    message: error?.message ?? 'no complete answer came',
    hint: hint ?? 'see what the receiver logged',
    duration_ms,
    tls,
  };
}
