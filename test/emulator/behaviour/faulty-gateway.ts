import { expect } from 'vitest';
import type { LogRecord } from '../../../src/contract/control.ts';
import type { FaultOptions } from '../../../src/emulator/settings.ts';
import {
  candidateCreated,
  postWebhook,
  SECRETS,
  startDelivering,
  type startTestEmulator,
} from '../../support/emulator.ts';
import type { Received } from '../../support/receiver.ts';
import { judgeSignature } from '../../support/sign.ts';

/** As the documented receiver does, with node:crypto alone: `''` when it holds, or what does not. */
export function judge({ headers, body }: Pick<Received, 'headers' | 'body'>): string {
  const { signed, t } = judgeSignature({ headers, body }, SECRETS.outgoing);
  if (Number.isNaN(t)) return 'form';
  if (!signed) return 'signature';
  const age = Date.now() / 1000 - t;
  if (age > 300) return 'old';
  return age < -300 ? 'ahead' : '';
}

/** A gateway with one fault, and a receiver that verifies. */
export async function startFaulty(
  faults: FaultOptions[],
  overrides: Parameters<typeof startTestEmulator>[0] = {},
) {
  const { receiver, emulator, control } = await startDelivering({
    respond: (received) => (judge(received) === '' ? 200 : 401),
    faults,
    ...overrides,
  });
  const send = async (fields: Record<string, unknown> = {}) => {
    const { status, json } = await postWebhook(emulator.url, candidateCreated(fields));
    expect(status).toBe(202);
    return json.reference_id as string;
  };
  const attempted = async (reference: string) => {
    await control.wait(reference, { until: 'first-attempt', timeoutMs: 60_000 });
    return outgoing(reference);
  };
  const outgoing = async (reference: string) => {
    const { items } = await control.log({ direction: 'outgoing', reference_id: reference });
    return items.reverse();
  };
  return { emulator, control, receiver, send, attempted, outgoing };
}

/** What a test says of a record. */
export const brief = ({ fault, outcome, response_status, error, delivery_state }: LogRecord) => ({
  fault,
  outcome,
  status: response_status,
  error: error?.code ?? null,
  state: delivery_state,
});
