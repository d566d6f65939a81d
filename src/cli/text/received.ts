import type { ReceivedRequest, RefusedRequest } from '../../client/receiver.ts';
import type { ReceivedDocument } from '../../contract/output/signatures.ts';
import { DEFAULT_TOLERANCE, type Diagnosis, diagnoseInSteps, SIGNATURE_HEADER } from '../../signing/index.ts';
import { neutralizeLine } from '../terminal/neutralize.ts';
import type { Paint } from '../terminal/output.ts';
import { formatFindings } from './diagnosis.ts';
import { formatDuration } from './duration.ts';
import { bodyForJson } from './http.ts';
import { formatWallTime } from './times.ts';
import { explainRefusal } from './verify-reasons.ts';

/** The lines of the next requests wait while it searches, so it does not search for long. */
const BUDGET = 60_000;

/** One received webhook as lines: what it was, what it got, and why its signature fails if it does. */
export function formatReceived(
  received: ReceivedRequest,
  paint: Paint,
  diagnosis: Diagnosis | null,
): string[] {
  const { verdict } = received;
  const parts = [
    paint.dim(formatWallTime(received.at)),
    `← outgoing  ${paint.bold(neutralizeLine(received.event ?? '?').padEnd(24))}`,
    neutralizeLine(received.client_id ?? '-').padEnd(12),
    neutralizeLine(received.event_id ?? '-'),
    ...(received.path === '/' ? [] : [neutralizeLine(received.path)]),
    describeOwnAnswer(received, paint),
    verdict.valid
      ? paint.green(`signature valid, ${verdict.age} s old`)
      : paint.red(`signature refused: ${verdict.reason}`),
  ];
  if (received.seen_before) parts.push(paint.yellow('event_id seen before'));
  const lines = [parts.join('  ')];
  if (!verdict.valid) {
    const findings = diagnosis === null ? [] : formatFindings(diagnosis);
    const problem = received.problem === null ? [] : [neutralizeLine(received.problem)];
    const all = [...problem, ...findings];
    const reason = explainRefusal(verdict, DEFAULT_TOLERANCE);
    for (const line of all.length > 0 ? all : [`${reason.what} ${reason.next}`])
      lines.push(`          ${paint.yellow(line)}`);
  }
  const { forwarded } = received;
  if (forwarded && !forwarded.ok)
    lines.push(`          ${paint.yellow(`forward: ${forwarded.message}. ${forwarded.hint}`)}`);
  return lines;
}

/** What reached the port and was no webhook, as lines. */
export function formatRefused(
  { at, code, message, status, method, path }: RefusedRequest,
  paint: Paint,
): string[] {
  const what = `${method} ${path}`.trim() || 'something that is no HTTP request';
  const answered = status === null ? 'the sender was gone' : `answered ${status}`;
  const head = [
    paint.dim(formatWallTime(at)),
    `← ${neutralizeLine(what)}`,
    paint.red(`${answered}: ${code}`),
  ];
  return [head.join('  '), `          ${paint.yellow(neutralizeLine(message))}`];
}

/** A received webhook as a JSON object; the body exactly, as text where it is UTF-8 and base64 where not. */
export function receivedDocument(received: ReceivedRequest, diagnosis: Diagnosis | null): ReceivedDocument {
  const { verdict, forwarded, body, ...rest } = received;
  return {
    type: 'request',
    direction: 'outgoing',
    ...rest,
    signature: received.headers['x-webhook-signature'] ?? null,
    body: bodyForJson(body),
    verdict: verdict.valid
      ? { valid: true, reason: null, age: verdict.age }
      : { valid: false, reason: verdict.reason, age: verdict.age ?? null },
    diagnosis,
    forwarded:
      forwarded === null
        ? null
        : forwarded.ok
          ? { status: forwarded.status, duration_ms: forwarded.duration_ms, error: null }
          : {
              status: null,
              duration_ms: forwarded.duration_ms,
              error: { code: forwarded.code, message: forwarded.message },
            },
  };
}

function describeOwnAnswer({ answered, duration_ms }: ReceivedRequest, paint: Paint): string {
  const took = formatDuration(duration_ms);
  if (answered === null) return paint.red(`the sender gave up after ${took}`);
  return `${(answered >= 200 && answered < 300 ? paint.green : paint.red)(`answered ${answered}`)} in ${took}`;
}

/**
 * Looks for the mistake behind a signature that was refused, a step a turn, so that the receiver goes on answering; `null`
 * for one that verifies.
 *
 * @param incomingSecret another secret of the same ATS: the usual one to be mistaken for the outgoing secret.
 * @param signal gives the search up.
 */
export async function diagnoseReceived(
  { verdict, body, headers, at }: ReceivedRequest,
  secrets: readonly string[],
  incomingSecret: string | null,
  signal: AbortSignal,
): Promise<Diagnosis | null> {
  if (verdict.valid) return null;
  const other = incomingSecret === null ? [] : [{ value: incomingSecret, role: 'other_direction' as const }];
  const steps = diagnoseInSteps({
    body,
    header: headers[SIGNATURE_HEADER.toLowerCase()] ?? null,
    secrets: [...secrets.map((value) => ({ value, role: 'expected' as const })), ...other],
    now: Math.floor(Date.parse(at) / 1000),
    tolerance: DEFAULT_TOLERANCE,
    budget: BUDGET,
  });
  for (;;) {
    const { value, done } = steps.next();
    if (done) return value;
    await new Promise((resolve) => setImmediate(resolve));
    if (signal.aborted) return null;
  }
}
