import type { Command } from 'commander';
import type { WaitUntil } from '../../contract/control.ts';
import type { Criterion } from '../../contract/delivery-match.ts';
import type { EventBody } from '../events/body.ts';
import { freshIncoming } from '../events/samples.ts';
import { SET_FLAG } from '../events/set-path.ts';
import { EVENT_SUMMARIES } from '../events/summaries.ts';
import { EXPECTATIONS, parseExpectation } from '../input/expectations.ts';
import {
  durationFlag,
  offering,
  oneOf,
  readSecret,
  repeatable,
  suggest,
  wholeNumber,
} from '../input/flags.ts';
import { eventItems } from '../send/event-items.ts';
import { runUntilSignal } from '../send/interruption.ts';
import { changesFrom, type EventFlags, openEvents } from '../send/open-events.ts';
import { prepareSending, type SendingOptions } from '../send/prepare-sending.ts';
import { printMany, sendAll } from '../send/send-many.ts';
import { sendOne } from '../send/send-one.ts';
import { type Sending, VIAS } from '../send/sender.ts';
import { parseSendFault, SEND_KINDS } from '../send/sign-request.ts';
import { CliError } from '../terminal/errors.ts';
import type { Io } from '../terminal/io.ts';
import { createOutput, type Output } from '../terminal/output.ts';

interface Options extends EventFlags, Omit<SendingOptions, 'wait'> {
  repeat: number;
  concurrency: number;
  dryRun?: boolean;
  curl?: boolean;
  wait?: boolean;
  until?: WaitUntil;
  expect?: Criterion[];
}

/** More at once gain nothing against one gateway. */
const MAX_CONCURRENCY = 256;
const UNTIL = ['first-attempt', 'settled', 'success'] as const;

export function define(command: Command, io: Io): void {
  command
    .argument(
      '<event|file|->',
      'the name of an incoming event, to send its sample; or a file; or - for standard input',
      suggest(EVENT_SUMMARIES.incoming),
    )
    .option(...SET_FLAG)
    .option('--client-id <id>', 'set client_id in the body')
    .option('--user-id <id>', 'set user_id in the body')
    .option(
      '--event-id <id>',
      'set event_id in the body; otherwise samples and repeated events get a fresh one',
    )
    .option('--url <target>', 'the gateway (default: CARVOS_URL, or the gateway of this folder)')
    .option('--ats-id <id>', 'the ATS that sends, if there are several')
    .option('--secret <secret>', 'sign with this instead of the configured incoming secret', readSecret)
    .option('--fault <kind>', `send it with a fault: ${SEND_KINDS.join(', ')}`, parseSendFault)
    .option('--via <way>', 'webhook, or rest for the equivalent REST call', oneOf('--via', VIAS), 'webhook')
    .option(
      '--cv <file>',
      'upload this PDF, DOC or DOCX first and refer to it; for a candidate or an application',
    )
    .option('--ndjson', 'the file or standard input has one event per line')
    .option('--repeat <n>', 'send each event this many times', wholeNumber('--repeat', 1, 999_999_999), 1)
    .option(
      '--concurrency <n>',
      'send this many at once',
      wholeNumber('--concurrency', 1, MAX_CONCURRENCY),
      1,
    )
    .option('--dry-run', 'print the request instead of sending it')
    .option('--curl', 'print a curl command instead of sending')
    .option('--wait', 'wait for what it causes: the AI job and the delivery')
    .option(
      '--until <state>',
      `with --wait, until when: ${UNTIL.join(', ')} (default: settled)`,
      oneOf('--until', UNTIL),
    )
    .option('--timeout <duration>', 'how long to wait (default: 30s)', durationFlag('--timeout'), 30_000)
    .option(
      '--expect <key=value>',
      'what must hold: event, status, outcome, attempts or data.PATH; implies --wait; repeatable, and then all must hold on one delivery',
      offering(EXPECTATIONS, repeatable(parseExpectation)),
    )
    .option('--live', 'allow a target that is neither loopback nor private')
    .addHelpText(
      'after',
      `
A file or standard input is one event, which is sent byte for byte unless a flag changes it. With --ndjson, or
if the file's name ends in .ndjson, each line is one event. With --wait, carvos waits for each event before it
sends the next one. Of many events, the worst exit code counts: 2 a line is wrong, 5 unreachable, 4 refused,
1 not as expected, 6 gave up waiting.

Examples:
  carvos send candidate.created --wait
  carvos send application.created --set 'stage:=interview' --expect outcome=delivered --expect attempts=1
  carvos send body.json --dry-run
  carvos send candidate.created --fault stale
  carvos send candidate.created --cv resume.pdf --via rest --wait
  carvos send - --ndjson --concurrency 16 < events.ndjson
  carvos send candidate.created --repeat 1000 --concurrency 16 --json`,
    )
    .action(async (source: string, options: Options) => run(io, createOutput(io, command), source, options));
}

async function run(io: Io, output: Output, source: string, options: Options): Promise<void> {
  checkFlags(options);
  const waits = options.wait === true || options.until !== undefined || (options.expect?.length ?? 0) > 0;
  const prints = options.dryRun === true || options.curl === true;
  const wait = { until: options.until ?? null, expectations: options.expect ?? [] };
  const prepared = await prepareSending(io, output, { ...options, wait: waits && !prints ? wait : null });
  const { ats, admit } = prepared;
  const changes = changesFrom(options);
  const given = await openEvents(io, source, options, changes, (event) => freshIncoming(event, ats));
  const isOne = 'bytes' in given.events;
  const many = !isOne || options.repeat > 1;
  try {
    await runUntilSignal(io, async (signals) => {
      signals.stop.addEventListener('abort', given.close);
      const sending: Sending = { ...prepared.sending, ...signals };
      const items = eventItems(given.events, { repeat: options.repeat, changes });
      if (prints) {
        await printMany(sending, items, { many, curl: options.curl === true });
        if (waits) output.note('Nothing is sent, so nothing is waited for, and no expectation is judged.');
        if (options.curl === true && !output.json && options.via === 'webhook')
          output.note('The signature counts for 5 minutes from now.');
        return;
      }
      io.goesOn = true;
      await admit(given.sample);
      if (!many && isOne) await sendOne(sending, given.events as EventBody);
      else await sendAll(sending, items, options.concurrency);
    });
  } finally {
    given.close();
  }
}

/** @throws CliError (exit 2) for flags that contradict each other. */
function checkFlags(options: Options): void {
  const prints = options.curl === true ? '--curl' : options.dryRun === true ? '--dry-run' : null;
  if (options.dryRun === true && options.curl === true)
    throw new CliError('--dry-run and --curl do not go together');
  if (prints !== null && options.cv !== undefined) {
    throw new CliError(`--cv uploads a file before the event, and ${prints} sends nothing`, {
      next: "upload it yourself, and add --set 'cv.carv_file_id:=ID'",
    });
  }
  if (options.via !== 'rest') return;
  if (options.secret !== undefined) {
    throw new CliError('--secret signs a webhook, and a REST call is not signed', {
      next: 'set CARVOS_API_KEY in .env or in the environment',
    });
  }
  if (options.fault !== undefined && options.fault !== 'duplicate') {
    throw new CliError(`--fault ${options.fault} spoils a signature, and a REST call has none`, {
      next: 'leave out --via rest, or use --fault duplicate',
    });
  }
}
