import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { kindOfFailure } from '../../transport/connection-failures.ts';
import { agentOptions } from '../../transport/receiver-tls.ts';
import type { EventBody } from '../events/body.ts';
import { EXIT, isCliError, worstExit } from '../terminal/errors.ts';
import { formatDuration } from '../text/duration.ts';
import { describeBriefly, printRequest, sentDocument } from './report-sent.ts';
import { checkEvent, readyRequest, type Sending, type Sent, sendEvent, withoutKey } from './sender.ts';

/** One of many events, made when its turn comes. */
export interface Item {
  /** Line of the NDJSON; `null` for a sample or a file. */
  line: number | null;
  /** Which repetition, from 1. */
  repeat: number;
  /** @throws CliError (exit 2) when it is no event. */
  make(): EventBody;
}

/** What became of many events: nothing yet. */
function noTotals() {
  return {
    /** Events and lines that there were. */
    given: 0,
    sent: 0,
    accepted: 0,
    /** Answers that are not 2xx, by status. */
    refused: new Map<number, number>(),
    noAnswer: 0,
    /** Lines that were not sent. */
    invalid: 0,
    notMet: 0,
    gaveUp: 0,
    /** Sent, but interrupted before their answer, or while waited for. */
    interrupted: 0,
    exitCode: EXIT.ok as number,
    /** Nothing more can be sent: the rest was not tried. */
    halted: false,
  };
}
type Totals = ReturnType<typeof noTotals>;

/**
 * Sends many events over connections that are kept, sets the exit code and tells what became of them.
 *
 * @throws what `sendMany` throws.
 */
export async function sendAll(
  sending: Sending,
  items: AsyncGenerator<Item>,
  concurrency: number,
): Promise<void> {
  const options = { keepAlive: true, maxSockets: concurrency };
  const agent =
    sending.base.protocol === 'https:'
      ? new https.Agent({ ...options, ...agentOptions(sending.tls) })
      : new http.Agent(options);
  const startedAt = performance.now();
  const totals = noTotals();
  try {
    await sendMany({ ...sending, agent }, items, concurrency, totals);
    sayIfEmpty(sending, totals);
    sending.io.exitCode = totals.exitCode;
  } finally {
    agent.destroy();
    describeTotals(sending, totals, performance.now() - startedAt);
  }
}

/**
 * Sends many events, so many at once, in their order, and counts into `totals`. What is not an event is
 * reported with its line and the others go on; a gateway that cannot be reached ends it.
 *
 * @throws what reading the input throws, and CliError where nothing more can be sent.
 */
async function sendMany(
  sending: Sending,
  items: AsyncGenerator<Item>,
  concurrency: number,
  totals: Totals,
): Promise<void> {
  const { io, stop } = sending;
  const isOver = () => stop.aborted || totals.halted;
  const worker = async () => {
    try {
      // A generator answers its callers in order, each with the next item.
      while (!isOver()) {
        const { value: item, done } = await items.next();
        if (done || isOver()) return;
        await sendItem(sending, item, totals);
        // Whoever reads the output may be slower than the gateway.
        if (io.stdout.writableNeedDrain) await once(io.stdout, 'drain');
      }
    } catch (error) {
      if (stop.aborted) return;
      totals.halted = true;
      throw error;
    }
  };
  const workers = await Promise.allSettled(Array.from({ length: concurrency }, worker));
  for (const one of workers) if (one.status === 'rejected') throw one.reason;
}

/**
 * Prints the requests of many events instead of sending them. What is not an event is reported with its line, as when
 * it is sent, and the others go on.
 *
 * @throws what reading the input throws, and CliError where the one event there is cannot be made.
 */
export async function printMany(
  sending: Sending,
  items: AsyncGenerator<Item>,
  print: { many: boolean; curl: boolean },
): Promise<void> {
  const { io, output, stop } = sending;
  const totals = noTotals();
  for await (const item of items) {
    const body = makeEvent(sending, item, totals);
    if (body !== null) {
      const request = withoutKey(readyRequest(sending, body));
      const file = request.body === body.bytes ? body.file : null;
      const extra = print.many ? { line: item.line, repeat: item.repeat } : {};
      printRequest(io, output, request, { curl: print.curl, file, extra });
    }
    if (stop.aborted) break;
  }
  sayIfEmpty(sending, totals);
  io.exitCode = totals.exitCode;
}

/** Where there was no event, no expectation holds either. */
function sayIfEmpty({ output, wait, stop }: Sending, totals: Totals): void {
  if (totals.given > 0 || stop.aborted) return;
  output.note('the input has no event, so nothing is sent');
  if (wait !== null && wait.expectations.length > 0) totals.exitCode = EXIT.notMet;
}

async function sendItem(sending: Sending, item: Item, totals: Totals): Promise<void> {
  const { output } = sending;
  const body = makeEvent(sending, item, totals);
  if (body === null) return;
  const sent = await sendEvent(sending, body);
  const isFirst = sent.result.ok && !totals.refused.has(sent.result.status);
  count(totals, sent);
  describeBriefly(sending, sent, item.line === null ? `#${item.repeat}` : placeText(item), isFirst);
  output.document({ line: item.line, repeat: item.repeat, ...sentDocument(sending, sent) });
}

/** The event; `null` for a line that is none, which is reported and counted. */
function makeEvent(sending: Sending, item: Item, totals: Totals): EventBody | null {
  const { output } = sending;
  totals.given++;
  try {
    const body = item.make();
    checkEvent(sending, body);
    return body;
  } catch (error) {
    if (!isCliError(error) || item.line === null) throw error;
    totals.invalid++;
    totals.exitCode = worstExit(totals.exitCode, EXIT.usage);
    output.note(`error: line ${item.line}: ${error.message}`);
    const problem = { code: 'invalid_line', message: error.message };
    output.document({ line: item.line, repeat: item.repeat, status: null, error: problem });
    return null;
  }
}

function placeText({ line, repeat }: Item): string {
  return repeat > 1 ? `line ${line} #${repeat}` : `line ${line}`;
}

function count(totals: Totals, sent: Sent): void {
  const { result } = sent;
  totals.sent++;
  if (sent.interrupted) {
    totals.interrupted++;
    if (sent.accepted) totals.accepted++;
    return;
  }
  totals.exitCode = worstExit(totals.exitCode, sent.exitCode);
  if (sent.accepted) totals.accepted++;
  else if (result.ok) totals.refused.set(result.status, (totals.refused.get(result.status) ?? 0) + 1);
  else totals.noAnswer++;
  if (sent.exitCode === EXIT.notMet) totals.notMet++;
  if (sent.exitCode === EXIT.timeout && sent.wait !== null) totals.gaveUp++;
  // A connection that broke is one event's trouble; an address where nobody is concerns all.
  const kind = result.ok ? null : kindOfFailure(result.code);
  if (kind === 'absent' || kind === 'tls') totals.halted = true;
}

/** The last line: how many, and what became of them. To standard error where the output is JSON. */
function describeTotals({ output }: Sending, totals: Totals, tookMs: number): void {
  const { sent, accepted, refused, noAnswer, invalid, notMet, gaveUp, interrupted, halted } = totals;
  const refusals = [...refused.values()].reduce((sum, n) => sum + n, 0);
  const statuses = [...refused].map(([status, n]) => `${n} × ${status}`).join(', ');
  const parts = [
    `${accepted} accepted`,
    refusals > 0 ? `${refusals} refused (${statuses})` : '',
    noAnswer > 0 ? `${noAnswer} without an answer` : '',
    invalid > 0 ? `${invalid} ${invalid === 1 ? 'line' : 'lines'} not sent` : '',
    notMet > 0 ? `${notMet} not as expected` : '',
    gaveUp > 0 ? `${gaveUp} still pending` : '',
    interrupted > 0 ? `${interrupted} interrupted` : '',
    halted ? 'the rest was not tried' : '',
  ];
  const text = `${sent} sent in ${formatDuration(tookMs)}: ${parts.filter((part) => part !== '').join(', ')}`;
  if (output.json) output.note(text);
  else output.line(text);
}
