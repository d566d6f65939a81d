import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { gatewayError } from '../../contract/errors.ts';
import type { EnvelopedEvent } from '../../contract/incoming.ts';
import type { AppliedFault } from '../faults/faults.ts';
import { answerError, answerJson } from '../http/answer.ts';
import type { Acceptance, Acceptor, Intake } from '../incoming/accept.ts';
import type { IngressParts } from './parts.ts';

const REFUSALS = {
  'status-429': 'too_many_requests',
  'status-500': 'internal',
  'status-503': 'unavailable',
} as const;

/**
 * Accepts and answers a request whose sender is known and whose body holds; or applies a
 * fault, where there is one. Only here: a request that would be refused anyway gets its own refusal, and a
 * stranger's uses up no fault.
 */
export async function answerIntake(
  parts: IngressParts,
  intake: Intake,
  response: ServerResponse,
): Promise<void> {
  const { acceptor, faults } = parts;
  const fault = faults.decideRequest({
    on: 'ingress',
    atsId: intake.ats.id,
    clientId: intake.event.client_id,
    incomingId: intake.event.event_id ?? identityOf(intake.event),
    event: intake.event.event,
  });
  if (fault === null) return answer(acceptor, response, await acceptor.accept(intake));
  switch (fault.kind) {
    case 'status-429':
    case 'status-500':
    case 'status-503': {
      const error = gatewayError(REFUSALS[fault.kind]);
      await refuse(error.code, error);
      return answerError(response, acceptor.say(error), retryAfter(fault));
    }
    case 'reset':
      await refuse('reset', null);
      cut(response.socket);
      return;
    case 'lost-ack':
      await acceptor.accept({ ...intake, fault: fault.kind });
      response.socket?.destroy();
      return;
    case 'slow': {
      const acceptance = await acceptor.accept({ ...intake, fault: fault.kind });
      await faults.delay(fault.delayMs);
      return answer(acceptor, response, acceptance);
    }
    default:
      fault.kind satisfies never;
  }

  function refuse(code: string, error: ReturnType<typeof gatewayError> | null): Promise<void> {
    return acceptor.refuse({
      request: intake.request,
      error,
      reason: { code, message: fault!.reason },
      atsId: intake.ats.id,
      envelope: intake.event,
      fault: fault!.kind,
    });
  }
}

/** With a reset where the connection is TCP alone: Node makes none under TLS. */
function cut(socket: Socket | null): void {
  if (socket && 'encrypted' in socket) socket.destroy();
  else socket?.resetAndDestroy();
}

/** What stands for an `event_id` where none was given, so that faults apply to the same request again. */
function identityOf({ event, client_id, payload }: EnvelopedEvent): string {
  const kind = event.split('.')[0];
  return `${event}:${String(payload[`${kind}_id`] ?? payload.member_user_id ?? client_id)}`;
}

function answer(acceptor: Acceptor, response: ServerResponse, acceptance: Acceptance): void {
  if (acceptance.ok) answerJson(response, 202, { reference_id: acceptance.referenceId });
  else answerError(response, acceptor.say(acceptance.error));
}

function retryAfter(fault: AppliedFault): Record<string, string> {
  return fault.retryAfter === null ? {} : { 'Retry-After': String(fault.retryAfter) };
}
